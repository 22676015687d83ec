"""What the arguments of the transforms mean, by name, and what the transforms return, by type."""

from __future__ import annotations

DESCRIPTIONS = {
    "frame": "The frame to change.",
    "frame1": "The first frame.",
    "frame2": "The second frame.",
    "dfc": "The collection of frames.",
    "key": "The name of the frame in the collection.",
    "callable": "The function that is called with each frame and a transformation context.",
    "BaseTransform": "The transform to apply to each frame.",
    "frame_name": "The name of the transform's argument that takes the frame.",
    "base_kwargs": "The other arguments of the transform.",
    "mappings": "Tuples of source, source type, target and target type.",
    "case_sensitive": "Whether the names of sources must match in case.",
    "num_partitions": "The number of partitions.",
    "shuffle": "Whether records are spread evenly over the partitions.",
    "f": "The function that is called with each record.",
    "preservesPartitioning": "Whether records stay in their partitions.",
    "old_name": "The path of the field.",
    "new_name": "Its new path.",
    "paths": "The paths of the fields.",
    "path": "The path of the field, or of the place to write to.",
    "name1": "The name of the first frame of the result.",
    "name2": "The name of the second frame of the result.",
    "comparison_dict": "By path, values by operator; a record must satisfy all.",
    "keys1": "The paths of the first frame's keys.",
    "keys2": "The paths of the second frame's keys.",
    "staging_path": "Where to write what must be computed only once; the job's TempDir by default.",
    "name": "The name of the root table.",
    "options": "More options, by name.",
    "specs": "Pairs of a path and an action.",
    "choice": "One action for all choices.",
    "database": "The database of the table whose types are taken.",
    "table_name": "The table whose types are taken.",
    "catalog_id": "The Data Catalog of the table.",
    "format": "The format of the text.",
    "transformation_ctx": "The name of the transform's state in the job bookmark.",
    "info": "A text for error records.",
    "stageThreshold": "How many errors this step may have; 0 allows any number.",
    "totalThreshold": "How many errors there may be up to this step; 0 allows any number.",
}

RETURNS = {
    "DynamicFrame": "The new frame.",
    "DynamicFrameCollection": "The new frames, by name.",
}
