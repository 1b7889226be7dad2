"""Configurations of rsyslog (8.2112 or newer): who sends lines, who takes and keeps them, and both in one.

A line of JSON is kept as it is; any other, as those of PostgreSQL or a traceback, becomes
`{"time": …, "line": …}`, so that every file holds a JSON object a line. Files are `FOLDER/HOST/SOURCE/DAY.jsonl`, by the
day (UTC) of arrival.
"""

from collections.abc import Iterable
from pathlib import Path

TCP, UDP = 6514, 5514
"""Ports of the place that takes lines. Nothing of the kind is usual there without TLS but on private networks."""

FOLDER = "/var/log/ai-seo-blogger"
"""Where lines are kept."""

SPOOL = "/var/spool/rsyslog"
"""What waits, and how far files are read: Debian's folder for that."""

SENT = ("/var/log/ai-seo-blogger-instances/*/current", "/var/log/nginx/ai-seo-blogger.access.log")
"""What is sent: files of runit's, s6's or daemontools' loggers, which rotate by renaming, and the balancer's."""

_NAME = "ai-seo-blogger"

_QUEUE = """\
queue.type="LinkedList" queue.size="50000" queue.dequeueBatchSize="1024"
    queue.fileName="{name}" queue.maxDiskSpace="1g" queue.saveOnShutdown="on" queue.timeoutEnqueue="60000\""""


def central(
    *,
    address: str = "127.0.0.1",
    tcp: int = TCP,
    udp: int = UDP,
    folder: str = FOLDER,
    work: str = SPOOL,
) -> str:
    """Takes lines by TCP (octet-counted, or a line each) and UDP at `address`, and keeps them below `folder`."""
    path = f"{folder}/%HOSTNAME:::secpath-replace%/%APP-NAME:::secpath-replace%"
    # The old form of syslog has a space before its text.
    keeping = _keeping(path, "set $.line = ltrim($msg);")
    return f"""\
# AI SEO Blogger: the place where the lines of all hosts arrive. Written by: make deploy
# As a part of the host's rsyslog: /etc/rsyslog.d/30-ai-seo-blogger.conf    Check: rsyslogd -N1 -f this-file
#
# Give `address` one of a private network, never one that strangers reach: syslog knows no passwords. Between
# networks, put TLS around it (StreamDriver.Name="gtls") or a tunnel.
# Keeping them thirty days: deploy/logs/rsyslog/tmpfiles.conf.

{_global(work)}
module(load="imtcp" maxFrameSize="300000")
module(load="imudp")
input(type="imtcp" address="{address}" port="{tcp}" supportOctetCountedFraming="on" keepAlive="on" ruleset="{_NAME}")
# For programs that know UDP alone, as nginx does. It loses lines where the network does, and says nothing of it.
input(type="imudp" address="{address}" port="{udp}" ruleset="{_NAME}")

{keeping}"""


def sender(
    *,
    files: Iterable[str] = SENT,
    target: str = "127.0.0.1",
    port: int = TCP,
    work: str = SPOOL,
) -> str:
    """Follows files (patterns) and sends their lines by TCP; a source is called as the folder its file is in.

    Lines wait on disk while nobody takes them, and in their files beyond that.
    """
    return f"""\
# AI SEO Blogger: sends a host's lines to the place of deploy/logs/rsyslog/central.conf. Written by: make deploy
# As a part of the host's rsyslog: /etc/rsyslog.d/30-ai-seo-blogger.conf    Check: rsyslogd -N1 -f this-file
#
# Files have to be put aside by renaming, as runit's svlogd, s6-log, logrotate without copytruncate and
# container engines do: a renamed file is read to its end, one that is emptied loses what was not read yet.
# Plain TCP knows no receipts: what is on its way when the other side dies is lost. Where that is too much, use RELP
# (package rsyslog-relp): omrelp here, imrelp there, the rest as it is.

{_global(work)}
module(load="imfile")
{_followed(files, f"{_NAME}-send")}

template(name="{_NAME}-sent" type="string"
    string="<%PRI%>1 %TIMESTAMP:::date-rfc3339% %HOSTNAME% %$.source:::secpath-replace% - - - %msg%")

ruleset(name="{_NAME}-send") {{
    {_SOURCE}
    action(type="omfwd" target="{target}" port="{port}" protocol="tcp" tcp_framing="octet-counted"
        template="{_NAME}-sent" action.resumeRetryCount="-1" action.resumeInterval="2"
        {_QUEUE.format(name=f"{_NAME}-send")})
}}
"""


def on_one_host(*, files: Iterable[str], folder: str, work: str) -> str:
    """Follows files and keeps their lines in `folder/SOURCE/DAY.jsonl`; listens nowhere.

    A whole configuration. `work` is a folder of its own: how far files are read, what waits, and what it complains of.
    """
    keeping = _keeping(
        f"{_checked(folder)}/%$.source:::secpath-replace%", f"set $.line = $msg; {_SOURCE}"
    )
    return f"""\
{_global(work)}
module(load="imfile")
{_followed(files, _NAME)}

{keeping}
# What rsyslog itself has to say.
action(type="omfile" file="{_checked(work)}/complaints")
"""


def _global(work: str) -> str:
    return f"""\
# Korean and other letters beyond ASCII stay what they are; a traceback may be long.
global(parser.escapeControlCharactersOnReceive="off" maxMessageSize="256k" workDirectory="{_checked(work)}")
"""


_SOURCE = "set $.source = re_extract($!metadata!filename, '([^/]+)/[^/]+$', 0, 1, 'unknown');"


def _followed(files: Iterable[str], ruleset: str) -> str:
    return "\n".join(
        f'input(type="imfile" file="{_checked(file)}" tag="{_NAME}:" addMetadata="on" persistStateInterval="1000"\n'
        f'    facility="local0" severity="info" ruleset="{ruleset}")'
        for file in files
    )


def _keeping(path: str, first: str) -> str:
    writing = (
        f'dynaFile="{_NAME}-file" dynaFileCacheSize="200" closeTimeout="10"\n'
        '        dirCreateMode="0750" fileCreateMode="0640"'
    )
    return f"""\
template(name="{_NAME}-file" type="string" string="{path}/%$now-utc%.jsonl")
template(name="{_NAME}-json" type="string" string="%$.line%\\n")
template(name="{_NAME}-text" type="list") {{
    constant(value="{{\\"time\\":\\"")
    property(name="timereported" dateFormat="rfc3339" date.inUTC="on")
    constant(value="\\",\\"line\\":\\"")
    property(name="$.line" format="json")
    constant(value="\\"}}\\n")
}}

ruleset(name="{_NAME}"
    {_QUEUE.format(name=_NAME)}) {{
    {first}
    if $.line startswith "{{" then
        action(type="omfile" template="{_NAME}-json" {writing})
    else
        action(type="omfile" template="{_NAME}-text" {writing})
}}
"""


def _checked(path: str) -> str:
    """A path that can stand between quotation marks and in a template.

    Raises:
        ValueError: it has a character that would end either.
    """
    if not Path(path).is_absolute() or any(c in '"%\\' or not c.isprintable() for c in path):
        raise ValueError(f"{path!r} cannot be written into a configuration of rsyslog.")
    return path
