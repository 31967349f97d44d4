"""Features that are kept by the content of images, in place of the images."""
