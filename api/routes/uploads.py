from django.urls import path

from api import uploads

urlpatterns = [
    path("uploads", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:handle>", uploads.UploadView.as_view(), name="resumable-upload"),
]
