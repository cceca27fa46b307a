"""Views that the network learns to refuse."""

import numpy as np

from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from training.data.outliers import outlier


def test_outliers_are_images_unlike_the_slice(data_folder):
    paths = sorted((data_folder / "brain-tumor-mri" / "Testing").glob("*/*.jpg"))[::200]
    slices = [prepare(read_slice(path), 64).pixels for path in paths]
    rng = np.random.default_rng(0)
    kept = [pixels.copy() for pixels in slices]
    for pixels in slices * 10:
        view = outlier(pixels, rng)
        assert view.shape == (64, 64)
        assert view.dtype == np.float32
        assert 0 <= view.min() <= view.max() <= 1
        assert np.abs(view - pixels).mean() > 0.01
    np.testing.assert_array_equal(slices, kept)
