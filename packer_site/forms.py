from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws every form of the site, its labels, hints and errors, in one way."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
