from django.urls import path

from api import tokens

urlpatterns = [
    path("tokens", tokens.TokenListView.as_view(), name="tokens"),
    path("tokens/<int:pk>", tokens.TokenView.as_view(), name="token"),
]
