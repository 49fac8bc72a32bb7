use burn::tensor::Tensor;
use burn::tensor::activation::relu;

/// Cross-entropy of each number from what stands before the sigmoid, in the form that cannot
/// overflow.
pub(super) fn cross_entropy<const D: usize>(before: Tensor<D>, wanted: Tensor<D>) -> Tensor<D> {
    relu(before.clone()) - before.clone() * wanted + (before.abs().neg().exp() + 1.0).log()
}
