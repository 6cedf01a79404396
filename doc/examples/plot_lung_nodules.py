"""
Images: lesions set into healthy ones
=====================================

Few images of a class, many of the other. Where the class differs by something
small, :class:`~skgensample.images.LesionCompositor` takes a lesion of a given
image and sets it into an image without one.
"""

# %%
# Simulated chest slices
# ----------------------
#
# 300 slices, 15 of them with a nodule, whose outline is known.

import matplotlib.pyplot as plt

from skgensample.datasets import make_lung_slices
from skgensample.images import AugmentationOversampler, LesionCompositor

data = make_lung_slices(300, nodule_fraction=0.05, random_state=0)
print(data.images.shape, data.images.dtype)
print("with a nodule:", data.target.sum())

# %%
# Two samplers
# ------------
#
# ``fit_resample`` takes stacks of images. The given ones come first; the new
# ones have the same shape, dtype and range of values, and outlines of their
# nodules in ``synthetic_masks_``.

settings = {"sampling_strategy": {1: 25}, "random_state": 0}
augment = AugmentationOversampler(**settings)
turned, _ = augment.fit_resample(data.images, data.target)
compose = LesionCompositor(**settings)
composed, _ = compose.fit_resample(data.images, data.target, masks=data.masks)
small = LesionCompositor(diameter=(3, 5), **settings)
early, _ = small.fit_resample(data.images, data.target, masks=data.masks)

# %%
# ``diameter`` makes nodules of another size, such as those of an early stage.
#
# Given and new images
# --------------------

nodule = data.target == 1
stacks = {
    "given": (data.images[nodule], data.masks[nodule]),
    "augmented": (turned[augment.is_synthetic_], None),
    "composed": (composed[compose.is_synthetic_], compose.synthetic_masks_),
    "small": (early[small.is_synthetic_], small.synthetic_masks_),
}
figure, axes = plt.subplots(4, 8, figsize=(10, 5.4), layout="constrained")
for line, (name, (images, masks)) in zip(axes, stacks.items()):
    line[0].set_ylabel(name)
    for i, panel in enumerate(line):
        panel.imshow(images[i], cmap="gray", vmin=0, vmax=255)
        if masks is not None:
            panel.contour(masks[i], [0.5], colors="#e69f00", linewidths=0.9)
        panel.set(xticks=[], yticks=[])
figure.suptitle("Outlined: the nodule")
