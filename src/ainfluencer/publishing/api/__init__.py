"""Posts over the API: the posts themselves, their deliveries, and their words and pictures."""

from ainfluencer.publishing.api import deliveries, posts, texts
from ainfluencer.web.routing import join

# /posts/deliveries comes before the ids.
router = join(deliveries.router, posts.router, texts.router)
