"""What people state of a source, as a form: its fields, how they are checked, and what they say of a source.

Every field is held against what the services ask (``services.admission``), so that it is told where it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from registry.formats import FORMATS
from registry.model.issue import Text
from registry.model.source import Protocol, SourceDescription, SourceScope
from registry.services import admission
from registry.store.sources import Source
from registry.web.admin.forms import Form, at_most, choice, choices, described, listed, needed
from registry.web.admin.schedules import SCHEDULES, schedule_told
from registry.web.admin.source_fields import (
    REMOTE,
    accepted,
    is_somewhere,
    items,
    lines,
    needed_by_protocol,
    several,
)


class StatementForm(Form):
    """What is stated of a source that is there."""

    register_code = ""

    name = StringField(
        **described(Text("名称", "Name"), Text("人们看到的名称，如“杭州市建委目录”。", "What people see.")),
        validators=[needed, at_most(200)],
    )
    protocol = SelectField(
        **described(
            Text("协议", "Protocol"),
            Text(
                "OAI-PMH 服务；一个完整的 XML 文件；本系统中的另一个登记册；没有接口的单位在管理台上传或填报。",
                "An OAI-PMH service; one complete XML file; another register of this installation; or, of an office "
                "without an endpoint, files and records that it hands in here.",
            ),
        ),
        choices=choices(REMOTE),
        validators=[listed],
        validate_choice=False,
    )
    location = StringField(
        **described(
            Text("地址", "Address"),
            Text(
                "https://主机/路径；协议为登记册时，填其代码；在管理台报送时留空。不含用户名、密码或密钥。",
                "https://host/path; the code of the register, where it is one; empty where it is handed in here. No "
                "user name, password or key in it.",
            ),
        ),
        validators=[needed_by_protocol, at_most(2000), is_somewhere],
    )
    metadata_prefix = SelectField(
        **described(Text("元数据格式", "Metadata format")),
        choices=[choice(each.prefix, each.label) for each in FORMATS.values() if each.read],
        validators=[listed],
        validate_choice=False,
    )
    namespace = StringField(
        **described(
            Text("标识符命名空间", "Namespace"),
            Text(
                "记录只有本地编号时，用它生成全国唯一标识符，如 hangzhou.gov.cn。",
                "Mints identifiers where records have local numbers only, such as hangzhou.gov.cn.",
            ),
        ),
        validators=[at_most(253), accepted(admission.check_namespace)],
    )
    schedule = SelectField(
        **described(Text("采集计划", "Schedule")), validators=[listed], validate_choice=False
    )
    divisions = StringField(
        **described(
            Text("行政区划", "Divisions"),
            Text(
                "六位代码，可多个，含其下级；空为不限。如 330100。",
                "Six-digit codes, each with what lies below; none: all. Such as 330100.",
            ),
        ),
        validators=[at_most(2000), accepted(lambda written: admission.check_divisions(several(written)))],
    )
    categories = SelectMultipleField(
        **described(
            Text("将公开的指导目录类目", "Items of the guidance catalogue that it will publish"),
            Text("勾选一项即含其下各项；都不勾为不限。", "An item holds those below it; none picked: all."),
        ),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    identifier_prefixes = TextAreaField(
        **described(
            Text("标识符前缀", "Identifier prefixes"),
            Text(
                "每行一个；只有以此开头的标识符才归该来源。空为不限。",
                "One a line; it may speak for identifiers that begin so. None: all.",
            ),
        ),
        validators=[at_most(4000)],
    )
    co_reports_with = StringField(
        **described(
            Text("共同报送来源", "Co-reports with"),
            Text(
                "前缀有意重叠的来源代码，双方都须写明。",
                "Codes of sources whose prefixes overlap on purpose.",
            ),
        ),
        validators=[at_most(1000)],
    )
    set_spec = StringField(
        **described(
            Text("只采集的集合", "Set"),
            Text("OAI-PMH 的 setSpec；空为全部。", "An OAI-PMH setSpec; none: all."),
        ),
        validators=[at_most(500)],
    )
    credentials = StringField(
        **described(
            Text("凭据引用", "Credentials (reference)"),
            Text(
                "env:名称 或 file:文件名，由系统管理员在服务器上放置；切勿填写密码本身。",
                "env:NAME or file:NAME, put on the server by its administrator; never the secret itself.",
            ),
        ),
        validators=[at_most(200), accepted(admission.check_reference)],
    )
    ca_bundle = StringField(
        **described(Text("证书引用", "Certificates (reference)")),
        validators=[at_most(200), accepted(admission.check_reference)],
    )
    allowed_networks = StringField(
        **described(
            Text("允许的内网", "Allowed networks"),
            Text(
                "接口在内网时填写 CIDR，如 10.20.0.0/16；审核员会看到。",
                "CIDR where it lives in a private network.",
            ),
        ),
        validators=[at_most(1000), accepted(lambda written: admission.check_networks(several(written)))],
    )

    def offer(self, source: Source | None = None) -> None:
        """Fill in the choices; what a source states already is among them."""
        schedules = [*SCHEDULES]
        offered = items()
        protocols = list(REMOTE)
        if source is not None:
            schedules += [source.schedule] if source.schedule not in SCHEDULES else []
            known = {each.value for each in offered}
            offered += [
                choice(each, each) for each in source.description.scope.categories if each not in known
            ]
            protocols += [source.description.protocol] if source.description.protocol not in REMOTE else []
            self.register_code = source.description.register_code
        self.schedule.choices = [choice(each, schedule_told(each)) for each in schedules]
        self.categories.choices = offered
        self.protocol.choices = choices(protocols)

    def show(self, source: Source) -> None:
        """Fill in what a source states."""
        stated = source.description
        scope = stated.scope
        for name in (
            "protocol",
            "location",
            "metadata_prefix",
            "namespace",
            "set_spec",
            "credentials",
            "ca_bundle",
        ):
            self[name].data = str(getattr(stated, name))
        self.name.data, self.schedule.data = source.name, source.schedule
        self.categories.data = list(scope.categories)
        self.divisions.data, self.co_reports_with.data = (
            _joined(scope.divisions),
            _joined(scope.co_reports_with),
        )
        self.identifier_prefixes.data = "\n".join(scope.identifier_prefixes)
        self.allowed_networks.data = _joined(stated.allowed_networks)

    def stated(self) -> dict[str, Any]:
        """What the form says, as ``registration`` takes it."""
        texts = ("name", "location", "namespace", "set_spec", "credentials", "ca_bundle")
        said: dict[str, Any] = {name: (self[name].data or "").strip() for name in texts}
        scope = SourceScope(
            identifier_prefixes=lines(self.identifier_prefixes.data),
            divisions=several(self.divisions.data),
            categories=tuple(self.categories.data or ()),
            co_reports_with=several(self.co_reports_with.data),
        )
        return said | {
            "protocol": Protocol(self.protocol.data),
            "metadata_prefix": self.metadata_prefix.data,
            "schedule": self.schedule.data,
            "scope": scope,
            "allowed_networks": several(self.allowed_networks.data),
        }


def _joined(several_of: Iterable[str]) -> str:
    return ", ".join(several_of)


def changes(source: Source, said: dict[str, Any]) -> dict[str, Any]:
    """What of ``said`` differs from what the source states."""
    stated = source.description

    def before(name: str) -> Any:
        return getattr(source if name in ("name", "schedule") else stated, name)

    return {name: value for name, value in said.items() if value != before(name)}


def rows_of(source: Source, changed: dict[str, Any]) -> list[tuple[Text, str, str]]:
    """What is changed, field by field: its label, before, after."""
    rows = []
    for name, after in changed.items():
        before = getattr(source if name in ("name", "schedule") else source.description, name)
        parts = [each.name for each in fields(SourceScope)] if name == "scope" else [""]
        for part in parts:
            old, new = (_told(getattr(each, part) if part else each) for each in (before, after))
            if old != new:
                rows.append((_LABELS[part or name], old, new))
    return rows


def _told(value: Any) -> str:
    return _joined(value) if isinstance(value, tuple) else str(value)


_LABELS = {
    name: field.kwargs["label"]
    for name, field in vars(StatementForm).items()
    if hasattr(field, "field_class")
}


def description_of(stated: SourceDescription, said: dict[str, Any]) -> SourceDescription:
    """A description with what was said of it (a name and a schedule are no part of it)."""
    return replace(
        stated, **{name: value for name, value in said.items() if name not in ("name", "schedule")}
    )
