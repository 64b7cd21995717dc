"""What PyTorch's functions do with the place of tensors: which make one, which keep it, which need one for all."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Makes a tensor on the CPU if no `device=` is given.
MAKES = _words(
    "zeros ones full empty rand randn randint randperm arange linspace logspace eye tensor as_tensor tril_indices triu_indices"
)
# Functions and methods that need all their tensors in one place.
MEETS = _words(
    "add sub subtract mul multiply div divide true_divide maximum minimum pow lerp eq ne lt le gt ge logaddexp "
    "matmul mm bmm mv dot baddbmm addmm einsum cat concat concatenate stack hstack vstack column_stack "
    "gather scatter scatter_ scatter_add scatter_add_ index_select index_add index_add_ "
    "add_ sub_ mul_ div_ pow_ lerp_ logical_and logical_or logical_xor "
    "cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss kl_div "
    "binary_cross_entropy binary_cross_entropy_with_logits"
)
# Those of them of which a number may come, without dimensions.
REDUCES = _words(
    "dot matmul einsum cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss kl_div "
    "binary_cross_entropy binary_cross_entropy_with_logits"
)
# The losses of torch.nn that are called with scores and a target.
LOSSES = _words("CrossEntropyLoss NLLLoss MSELoss L1Loss SmoothL1Loss KLDivLoss BCELoss BCEWithLogitsLoss")
# What keeps a tensor a tensor with dimensions, where it is.
KEEPS = _words(
    "long int float double half bool view view_as reshape expand expand_as repeat repeat_interleave tile unsqueeze flatten "
    "contiguous clone detach t transpose permute requires_grad_ fill_ zero_ uniform_ normal_ random_ bernoulli_ fill_diagonal_ "
    "abs neg exp log sqrt square sin cos clamp softmax log_softmax sigmoid flip roll argsort cumsum multinomial bernoulli "
    "broadcast_to one_hot normalize"
)
# What is no tensor any more, or one whose place cannot be told.
LEAVES = _words(
    "item tolist numpy size dim ndimension numel nelement stride get_device element_size data_ptr is_contiguous is_tensor cpu "
    "is_floating_point is_complex storage new_tensor type allclose equal is_nonzero split chunk unbind register_hook backward "
    "index_put_ manual_seed set_grad_enabled no_grad device Generator save load from_numpy broadcast_shapes "
    "compile vmap"
)
