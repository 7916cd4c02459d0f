"""A manifest says all that is needed, truthfully, and the folder holds what a person needs."""

from __future__ import annotations

import inspect
from xml.etree import ElementTree as ET

import pytest

from ainfluencer.channels import registry
from ainfluencer.core import clock
from ainfluencer.core.errors import Unsupported
from ainfluencer.integrations import grades
from ainfluencer.integrations.manifest import Access, Action, Capability, Family, Login
from ainfluencer.integrations.protocols import Channel
from tests.contract.channels.conftest import RECORD
from tests.support.samples import read_samples

_METHODS = {
    Capability.PUBLISH, Capability.SETTLE, Capability.WITHDRAW, Capability.PULL, Capability.REPLY, Capability.MEASURE,
    Capability.REFRESH,
}  # fmt: skip


def test_the_manifest_is_complete(slug: str) -> None:
    known = registry.manifest(slug)
    assert known.slug == slug == registry.folder(slug).name
    assert known.family == Family.CHANNEL
    assert known.title
    assert known.summary.endswith(".")
    assert Capability.PUBLISH in known.capabilities
    assert known.documentation
    assert known.checked
    assert known.checked <= clock.now().date()
    assert known.limits.text
    assert known.limits.images is not None
    assert known.limits.image_kinds


def test_the_form_asks_for_what_the_login_needs(slug: str) -> None:
    known = registry.manifest(slug)
    names = [field.name for field in known.fields]
    assert len(names) == len(set(names))
    assert all(field.label for field in known.fields)
    secret = [field for field in known.fields if field.secret]
    if known.access == Access.BUILT_IN:
        assert (known.fields, known.login) == ((), Login.NONE)
    else:
        assert secret
        assert all(field.kind == "password" for field in secret)
        assert "url" in names or known.base_url
    assert all(field.default in field.choices for field in known.fields if field.choices)


def test_rules_are_sourced_and_dated(slug: str) -> None:
    known = registry.manifest(slug)
    actions = [rule.action for rule in known.rules]
    assert len(actions) == len(set(actions))
    for rule in known.rules:
        assert rule.sentence.endswith(".")
        assert rule.source.startswith("https://")
        assert rule.checked <= clock.now().date()
    unattended = known.rule(Action.REPLY_UNATTENDED)
    if known.access != Access.BUILT_IN:
        assert known.rule(Action.POST)
        assert known.unattended_replies == bool(unattended and unattended.allowed)


def test_a_declared_capability_is_an_implemented_method_and_the_other_way_round(slug: str) -> None:
    known, adapter = registry.manifest(slug), registry.adapter(slug)
    assert adapter.manifest is known
    assert known.capabilities <= _METHODS
    for capability in _METHODS:
        method = getattr(adapter, str(capability), None)
        assert (method is not None) == known.can(capability), capability
        if method is not None:
            wanted = inspect.signature(getattr(Channel, str(capability)))
            assert list(inspect.signature(method).parameters) == list(wanted.parameters)[1:]
            assert inspect.iscoroutinefunction(method)
            assert inspect.getdoc(method)
    assert inspect.iscoroutinefunction(adapter.check)


def test_what_is_not_declared_is_refused_before_any_call(slug: str) -> None:
    for capability in Capability:
        if registry.manifest(slug).can(capability):
            assert registry.require(slug, capability) is registry.adapter(slug)
        else:
            with pytest.raises(Unsupported):
                registry.require(slug, capability)


def test_an_adapter_keeps_nothing_between_calls(slug: str) -> None:
    assert vars(registry.adapter(slug)) == {}


def test_the_folder_has_a_picture_and_a_way_in(slug: str) -> None:
    svg = ET.fromstring(registry.icon(slug))
    assert svg.tag.endswith("svg")
    assert svg.get("viewBox")
    assert not [e for e in svg.iter() if e.tag.endswith(("script", "image", "foreignObject"))]
    text = registry.setup_text(slug)
    assert text.startswith("# ")
    for field in registry.manifest(slug).fields:
        assert field.label in text, f"setup.md does not say where “{field.label}” comes from"


def test_there_is_a_sample_of_every_call_and_of_every_kind_of_trouble(slug: str) -> None:
    samples = read_samples(registry.folder(slug))
    calls = {sample.call for name, sample in samples.items() if name.startswith("success")}
    assert calls == {"check"} | {str(c) for c in registry.manifest(slug).capabilities}
    kinds = {name.partition("_")[0] for name in samples}
    assert {"success", "refused", "expired", "throttled", "odd"} <= kinds


def test_the_grade_rests_on_this_very_code(slug: str) -> None:
    if RECORD:
        return
    step = "run the suite with AINFLUENCER_RECORD_GRADES=1 to record that it passes with this code"
    assert grades.evidence(registry.folder(slug), grades.CONFORMANCE), step
