"""From files to batches: packing, TFRecords, augmentation."""
