from django.urls import path

from api import channels

urlpatterns = [
    path("channels", channels.ChannelListView.as_view(), name="channels"),
    path("channels/<int:pk>", channels.ChannelView.as_view(), name="channel"),
    path("channels/<int:pk>/test", channels.ChannelTestView.as_view(), name="channel-test"),
    path(
        "channels/<int:pk>/messages",
        channels.ChannelMessagesView.as_view(),
        name="channel-messages",
    ),
]
