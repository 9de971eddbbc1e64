"""What is asked of a person, of a role, of a group; and what tells that another was faster."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import matrix
from accounts.actions import NewUser
from accounts.models import ReleaseGroup, Role, User

WIDGETS: dict[type[Any], str] = {
    forms.Select: "form-select",
    forms.CheckboxInput: "form-check-input",
}
PASSWORDS = {"autocomplete": "new-password", "spellcheck": "false"}


def tag(state: Any) -> str:
    """Return what tells one state of something from another."""
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()[:32]


def proposed_password() -> str:
    return f"{secrets.token_urlsafe(12)}A1"


def offered_by(view: str, kind: str) -> dict[str, str]:
    """Return what lets a field offer what `view` knows of, in a list of its page."""
    return {
        "list": f"{kind}-offers",
        "hx-get": reverse(view),
        "hx-trigger": "focus once, input delay:200ms",
        "hx-target": f"#{kind}-offers",
        "hx-swap": "innerHTML",
        "hx-include": "this",
    }


class StyledForm(forms.Form):
    """Draws its fields by the style sheet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            kind = WIDGETS.get(type(field.widget), "form-control")
            field.widget.attrs.setdefault("class", kind)


class SharedForm(StyledForm):
    """Edits what others may edit at the same time: it carries the state that it was made from."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def is_overtaken(self, now: Mapping[str, Any]) -> bool:
        """Tell whether it is of another state, and if so, say it and take in the new one."""
        if self.data.get("seen") == tag(now):
            return False
        self.complain(now)
        again = cast("QueryDict", self.data).copy()
        again["seen"] = tag(now)
        self.data = again
        return True

    def complain(self, now: Mapping[str, Any]) -> None:
        self.add_error(
            None,
            gettext(
                "Somebody else changed this while you did. Nothing is lost: look at what you"
                " typed, then save it again."
            ),
        )
        for name, value in now.items():
            if self.cleaned_data[name] != value:
                sentence = gettext("Somebody else changed it to “%(value)s”.")
                self.add_error(name, sentence % {"value": value})

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> "SharedForm":
        return cls(initial={**state, "seen": tag(state)})


class AccountForm(SharedForm):
    username = forms.CharField(
        label=_("User name"),
        min_length=3,
        max_length=100,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off"}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        validators=[MaxLengthValidator(500)],
        widget=forms.Textarea({"rows": 3, "maxlength": 500}),
        help_text=_("The person sees it, too. At most 500 characters."),
    )

    def wanted(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("username", "email", "note")}

    @staticmethod
    def state(person: User) -> dict[str, str]:
        return {name: getattr(person, name) for name in ("username", "email", "note")}


class PasswordForm(StyledForm):
    """A password for somebody else, typed twice or proposed."""

    password1 = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(PASSWORDS),
        help_text=_("At least 8 characters, with a capital letter and a digit."),
    )
    password2 = forms.CharField(
        label=_("New password, again"), strip=False, widget=forms.PasswordInput(PASSWORDS)
    )

    def __init__(self, *args: Any, person: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def propose(self) -> None:
        """Show a password that can be kept, told to the person, and changed by them."""
        proposed = proposed_password()
        for name in ("password1", "password2"):
            self.initial[name] = proposed
            self.fields[name].widget = forms.TextInput({**PASSWORDS, "class": "form-control"})

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        first, again = answers.get("password1"), answers.get("password2")
        if first and again and first != again:
            self.add_error("password2", gettext("The two passwords are not the same."))
        elif first and again:
            self.check(first)
        return answers

    def check(self, password: str) -> None:
        try:
            validate_password(password, self.person)
        except ValidationError as wrong:
            self.add_error("password1", wrong)


class NewPersonForm(PasswordForm, AccountForm):
    active = forms.BooleanField(
        label=_("May log in"),
        required=False,
        initial=True,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )

    field_order = ("username", "email", "note", "password1", "password2", "active")

    def new(self) -> NewUser:
        active, password = (self.cleaned_data[name] for name in ("active", "password1"))
        return NewUser(**self.wanted(), password=password, active=active)

    def check(self, password: str) -> None:
        names = ("username", "email")
        self.person = User(**{name: self.cleaned_data.get(name, "") for name in names})
        super().check(password)


class MatrixForm(SharedForm):
    permissions = forms.MultipleChoiceField(
        required=False, choices=[(name, name) for name in matrix.ALL]
    )

    def complain(self, now: Mapping[str, Any]) -> None:
        in_force = matrix.told(now["permissions"]) or gettext("none")
        sentence = gettext(
            "Somebody else changed these permissions while you did. Yours are still ticked; now"
            " in force: %(permissions)s. Save again to put yours in their place."
        )
        self.add_error(None, sentence % {"permissions": in_force})

    @property
    def ticked(self) -> set[str]:
        if not self.is_bound:
            return set(self.initial["permissions"])
        return set(cast("QueryDict", self.data).getlist("permissions"))


class RoleForm(SharedForm):
    name = forms.CharField(label=_("Name"), max_length=150)
    description = forms.CharField(label=_("Description"), max_length=255, required=False)

    def wanted(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("name", "description")}

    @staticmethod
    def state(role: Role) -> dict[str, str]:
        return {"name": role.name, "description": role.description}


class GiveRoleForm(StyledForm):
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.pk, role.name) for role in roles]  # type: ignore[attr-defined]


class HeirForm(StyledForm):
    """Chooses what the people of a role get that is deleted."""

    reassign_to = forms.ModelChoiceField(
        Role.objects.none(), label=_("Role that they get"), empty_label=_("Choose a role")
    )

    def __init__(self, *args: Any, role: Role, is_used: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["reassign_to"]
        field.queryset = Role.objects.exclude(pk=role.pk).order_by("name")  # type: ignore[attr-defined]
        field.required = is_used


class TagForm(StyledForm):
    """Names a release group."""

    tag = forms.CharField(
        label=_("Tag"),
        max_length=100,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "data-capitals": True}
        ),
    )

    def clean_tag(self) -> str:
        found = str(self.cleaned_data["tag"]).strip().upper()
        if not re.fullmatch(settings.GROUP_PATTERN, found):
            raise ValidationError(
                gettext("A tag has 2 to 100 characters: capital letters and digits alone.")
            )
        return found


class KnownTagForm(TagForm):
    """Names a release group that there is, kept as `group`."""

    group: ReleaseGroup

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tag"].widget.attrs |= offered_by("accounts:people:group-offers", "group")

    def clean_tag(self) -> str:
        found = super().clean_tag()
        known = ReleaseGroup.objects.filter(tag=found).first()
        if known is None:
            raise ValidationError(gettext("There is no group of this tag: add it first."))
        self.group = known
        return found


class MemberForm(StyledForm):
    """Names a person."""

    username = forms.CharField(
        label=_("User name"), max_length=100, widget=forms.TextInput({"autocomplete": "off"})
    )
    person: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs |= offered_by("accounts:people:offers", "people")

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        known = User.objects.filter(username=name).first()
        if known is None:
            raise ValidationError(gettext("Nobody has this user name."))
        self.person = known
        return name
