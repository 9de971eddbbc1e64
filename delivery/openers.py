"""Which engine brings files to which type of destination. No Django here."""

from collections.abc import Mapping

from delivery import ftp, local, sftp
from delivery.endpoint import Opener

OPENERS: Mapping[str, Opener] = {
    "LOCAL": local.opened,
    "FTP": ftp.opened,
    "FTPS": ftp.opened,
    "FTPS_IMPLICIT": ftp.opened,
    "SFTP": sftp.opened,
}
