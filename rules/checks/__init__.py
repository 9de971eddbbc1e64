"""Every clause a rule may have, in the order of the report. No Django here."""

from rules.checks import extras, names, papers, payload, volumes

CHECKS = names.CHECKS | payload.CHECKS | volumes.CHECKS | papers.CHECKS | extras.CHECKS
