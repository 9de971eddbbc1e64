from django.urls import path

from packer_site.preferences import views

app_name = "preferences"
urlpatterns = [
    path("", views.index, name="index"),
    path("order/", views.order, name="order"),
    path("export/", views.export, name="export"),
    path("import/", views.import_file, name="import"),
    path("reset/", views.reset, name="reset"),
    path("<slug:section>/", views.save, name="save"),
]
