// A Fourier transform of `data[0..1 << bits]` in place by one workgroup: decimation in
// time, its input at bit-reversed places.

const THREADS: u32 = 256u;

var<workgroup> data: array<vec2f, SIZE>;

fn reversed(i: u32, bits: u32) -> u32 {
    return reverseBits(i) >> (32u - bits);
}

fn transform(thread: u32, bits: u32) {
    for (var stage = 0u; stage < bits; stage++) {
        workgroupBarrier();
        let span = 1u << stage;
        for (var b = thread; b < (1u << (bits - 1u)); b += THREADS) {
            let j = b & (span - 1u);
            let low = ((b >> stage) << (stage + 1u)) | j;
            let point = circle[j << (10u - stage)];
            let x = data[low];
            let y = times(data[low + span], vec2f(point.x, -point.y));
            data[low] = x + y;
            data[low + span] = x - y;
        }
    }
    workgroupBarrier();
}
