"""Hosts in every form that means this machine or its neighbours, and who listens there."""

import socket

LOOPBACK_FORMS = [
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.1",
    "127.0.0.1.",
    "127.0.0.01",
    "127.000.000.001",
    "0",
    "0.0.0.0",
    "0x0",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost.localdomain",
    "ip6-localhost",
    "a.host.that.points.home",
    "xn--hst-ula.points.home",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "[fe80::1%25lo]",
    "[::1%25lo]",
    "[::1%lo]",
    "user@127.0.0.1",
    "example.org@127.0.0.1",
    "example.org%40127.0.0.1",
    "user:password@[::1]",
    "127.0.0.1%2f.example.org",
    "127.0.0.1\\@example.org",
    "127.0.0.1 ",
    " 127.0.0.1",
    "127.0.0.1\t",
    "127.0.0.1\r\nHost: example.org",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "127\uff0e0\uff0e0\uff0e1",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54",
    "lo\u00adcalhost",
    "[127.0.0.1]",
    "[v1.127.0.0.1]",
    "",
    "..",
]

ELSEWHERE = [
    "0.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "::",
    "::10.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:93.184.215.14",
]


class Sentinel:
    """Listens on one port of 127.0.0.1 and ::1, and tells whether anyone came."""

    def __init__(self) -> None:
        self._listening = [socket.socket(socket.AF_INET), socket.socket(socket.AF_INET6)]
        self._listening[0].bind(("127.0.0.1", 0))
        self.port = self._listening[0].getsockname()[1]
        self._listening[1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        self._listening[1].bind(("::1", self.port))
        for one in self._listening:
            one.listen()
            one.setblocking(False)  # noqa: FBT003 - it has no other form

    def heard(self) -> bool:
        return any(map(self._has_caller, self._listening))

    def close(self) -> None:
        for one in self._listening:
            one.close()

    def _has_caller(self, one: socket.socket) -> bool:
        try:
            one.accept()[0].close()
        except BlockingIOError:
            return False
        return True
