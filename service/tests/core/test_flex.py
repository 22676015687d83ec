from __future__ import annotations

from glueball.core.flex import FixedReserve, Usage
from glueball.core.pool import Pool


def test_the_fixed_reserve_is_a_share_of_the_pool_at_all_times() -> None:
    usage = Usage(pool=Pool(dpus=40, memory_mb=1), held=[])
    reserved = FixedReserve(share=0.25).foresee(0, usage)(None)
    assert (reserved.dpus, reserved.until, reserved.because) == (10, None, "25% of the pool")
    assert FixedReserve(share=0).foresee(0, usage)(60).dpus == 0
