use burn::tensor::Tensor;
use burn::tensor::activation::relu;

/// Cross-entropy of each number from what stands before the sigmoid.
pub fn cross_entropy<const D: usize>(before: Tensor<D>, wanted: Tensor<D>) -> Tensor<D> {
    softplus(before.clone()) - before * wanted
}

/// `ln(1 + exp(x))` in the form that cannot overflow. Burn's own masks where it would: several
/// kernels more, each of which a GPU in software compiles for seconds.
pub fn softplus<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    relu(x.clone()) + (x.abs().neg().exp() + 1.0).log()
}
