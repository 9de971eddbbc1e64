from django.urls import path

from api import deliveries, destinations

urlpatterns = [
    path("config/destinations", destinations.DestinationListView.as_view(), name="destinations"),
    path(
        "config/destinations/<int:pk>",
        destinations.DestinationDetailView.as_view(),
        name="destination",
    ),
    path(
        "config/destinations/<int:pk>/test",
        destinations.DestinationTestView.as_view(),
        name="destination-test",
    ),
    path(
        "config/destinations/<int:pk>/groups",
        deliveries.DestinationGroupListView.as_view(),
        name="destination-groups",
    ),
    path(
        "config/destinations/<int:pk>/groups/<int:group>",
        deliveries.DestinationGroupView.as_view(),
        name="destination-group",
    ),
]
