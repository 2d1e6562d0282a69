"""Names that torch 2.14 has of which nothing is known here, and those that only a part of it has.

Of ``torch`` and ``torch.nn.functional`` the former are those that are near a name that is known.
"""

from __future__ import annotations

from typing import Final

#: Of ``torch.nn``.
OF_NN: Final = frozenset(
    "Container LinearCrossEntropyLoss LinearCrossEntropyOptions RNNBase RNNCellBase "
    "UninitializedBuffer UninitializedParameter attention common_types factory_kwargs grad "
    "intrinsic parallel qat quantizable quantized".split()
)
#: Of ``torch.nn.functional``.
OF_FUNCTIONAL: Final = frozenset(
    "GRID_SAMPLE_PADDING_MODES adaptive_max_pool1d_with_indices "
    "adaptive_max_pool2d_with_indices adaptive_max_pool3d_with_indices fractional_max_pool2d "
    "fractional_max_pool3d grouped_mm linear_cross_entropy max_pool1d_with_indices "
    "max_pool2d_with_indices max_pool3d_with_indices native_channel_shuffle rrelu_ "
    "triplet_margin_with_distance_loss".split()
)
#: Of tensors.
OF_TENSORS: Final = frozenset(
    # Those of tensors that lie on several devices.
    "device_mesh from_local full_tensor placements redistribute to_local "
    "addr addr_ as_strided as_strided_ as_strided_scatter as_subclass ccol_indices cdouble "
    "cfloat chalf cholesky_inverse cholesky_solve col_indices conj_physical conj_physical_ "
    "const_data_ptr crow_indices dense_dim dequantize diagflat dim_order dsplit eig frexp geqrf "
    "grad_dtype hash_tensor histogram hsplit index indices int_repr ipu is_coalesced is_complex "
    "is_conj is_cpu is_distributed is_inference is_ipu is_maia is_meta is_mkldnn is_mps is_mtia "
    "is_neg is_nested is_nonzero is_pinned is_quantized is_same_size is_set_to is_shared "
    "is_signed is_sparse is_sparse_csr is_vulkan is_xla is_xpu isneginf isposinf isreal "
    "itemsize lstsq lu lu_solve mH map2_ map_ module_load mtia mvlgamma mvlgamma_ name "
    "nanquantile narrow_copy nbytes new_empty_strided nonzero_static orgqr ormqr output_nr "
    "q_per_channel_axis q_per_channel_scales q_per_channel_zero_points q_scale q_zero_point qr "
    "qscheme record_stream register_post_accumulate_grad_hook reinforce resize resize_ "
    "resize_as resize_as_ resize_as_sparse_ resolve_conj resolve_neg retains_grad row_indices "
    "set_ share_memory_ slice_inverse solve sparse_dim sparse_mask sparse_resize_ "
    "sparse_resize_and_clear_ sspaddmm storage_offset storage_type symeig to_mkldnn "
    "to_padded_tensor to_sparse_bsc to_sparse_bsr to_sparse_coo to_sparse_csc to_sparse_csr "
    "triangular_solve unsafe_split_with_sizes untyped_storage values volatile vsplit xpu".split()
)
#: Of ``torch``, which has functions of the names of methods too.
OF_TORCH: Final = OF_TENSORS | frozenset(
    "AnyType Argument BFloat16Storage BFloat16Tensor Block BoolStorage BoolType ByteTensor "
    "CallStack Capsule CharTensor Code ComplexType DeviceObjType DisableTorchFunction "
    "DispatchKey DoubleStorage EnumType FloatStorage FloatType FunctionSchema Generator "
    "Gradient Graph HalfTensor IntStorage IntType ListType LongStorage Node SUM ScriptClass "
    "ScriptFunction ScriptList ShortTensor Storage Stream SymBool SymFloat SymInt Tag "
    "TensorType Value acosh_ addmv_ alias_copy allclose amp ao arccos_ arcsin_ arctan_ "
    "as_strided_copy asinh_ atanh_ atleast_3d autocast batch_norm_elemt batch_norm_gather_stats "
    "batch_norm_stats batch_norm_update_stats bcomplex32 bit bits16 bits8 broadcast_shapes "
    "builtins can_cast ccol_indices_copy chain_matmul channels_last_3d col_indices_copy "
    "compiler complex128 complex32 cond conv_tbc cpp crow_indices_copy cudnn_batch_norm "
    "cudnn_convolution_transpose deg2rad_ detach_copy diagonal_copy distributed e "
    "embedding_renorm_ empty_permuted empty_quantized empty_strided equal exp2_ expand_copy "
    "export feature_dropout feature_dropout_ float8_e4m3fn float8_e5m2 fork frobenius_norm "
    "from_dlpack from_file func functools fx gcd_ get_device gradient grid_sampler grid_sampler_2d "
    "grid_sampler_3d gru has_lapack "
    "has_spectral histogramdd hsmm hub iinfo index_put_ indices_copy inf initial_seed inspect "
    "int1 int2 int3 int4 int5 int6 int7 is_anomaly_enabled is_autocast_enabled "
    "is_autocast_xla_enabled is_grad_enabled is_inference_mode_enabled is_storage "
    "is_warn_always_enabled lcm_ ldexp_ legacy_contiguous_format load lobpcg logit_ lstm masked "
    "math matrix_rank max_pool1d_with_indices miopen_batch_norm miopen_convolution_transpose "
    "miopen_ctc_loss mkldnn_adaptive_avg_pool2d mkldnn_max_pool2d mkldnn_max_pool3d nan "
    "native_batch_norm native_channel_shuffle native_dropout native_group_norm "
    "native_layer_norm native_norm nested newaxis nuclear_norm ops os package parse_ir "
    "per_channel_affine permute_copy platform profiler qint32 qint8 quantization "
    "quantized_batch_norm quantized_gru quantized_lstm quantized_max_pool1d "
    "quantized_max_pool2d quantized_max_pool3d quasirandom quint2x4 quint4x2 quint8 rad2deg_ "
    "rnn_relu rnn_tanh row_indices_copy rrelu_ saddmm save scalar_tensor seed segment_reduce "
    "select_copy set_anomaly_enabled set_autocast_cache_enabled set_autocast_cpu_enabled "
    "set_autocast_enabled set_autocast_ipu_enabled set_autocast_xla_enabled signal sinc_ "
    "slice_copy sparse_bsc sparse_bsc_tensor sparse_bsr sparse_bsr_tensor sparse_coo "
    "sparse_coo_tensor sparse_csc sparse_csc_tensor sparse_csr sparse_csr_tensor split_copy "
    "split_with_sizes_copy squeeze_copy storage sym_float sym_int sym_max sym_min sym_sqrt "
    "sym_sum t_copy testing textwrap threading to_dlpack torch transpose_copy trapezoid uint1 "
    "uint16 uint2 uint3 uint32 uint4 uint5 uint6 uint64 uint7 unbind_copy unfold_copy "
    "unsqueeze_copy vander version view_as_complex_copy view_as_real_copy view_copy windows "
    "xlogy_".split()
)

#: What is known as a function, and is no method of a tensor.
NO_METHODS: Final = frozenset(
    "adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool1d "
    "adaptive_max_pool2d adaptive_max_pool3d affine_grid alpha_dropout asarray atleast_1d "
    "atleast_2d avg_pool1d avg_pool2d avg_pool3d bartlett_window batch_norm bilinear "
    "binary_cross_entropy binary_cross_entropy_with_logits binomial blackman_window block_diag "
    "broadcast_tensors bucketize cartesian_prod cat cdist celu channel_shuffle column_stack "
    "complex concat concatenate cosine_embedding_loss cosine_similarity cross_entropy ctc_loss "
    "dropout dropout1d dropout2d dropout3d dsmm dstack einsum elu embedding_bag expit "
    "feature_alpha_dropout fold gaussian_nll_loss gelu glu grid_sample group_norm "
    "gumbel_softmax hamming_window hann_window hardsigmoid hardswish hardtanh "
    "hinge_embedding_loss hspmm hstack huber_loss instance_norm interpolate isin kaiser_window "
    "kl_div l1_loss layer_norm leaky_relu local_response_norm logsigmoid lp_pool1d lp_pool2d "
    "lp_pool3d margin_ranking_loss matrix_norm max_pool1d max_pool2d max_pool3d max_unpool1d "
    "max_unpool2d max_unpool3d meshgrid mish mse_loss multi_margin_loss multilabel_margin_loss "
    "multilabel_soft_margin_loss nll_loss normalize one_hot pad pairwise_distance pdist "
    "pixel_shuffle pixel_unshuffle poisson poisson_nll_loss polar relu6 rms_norm row_stack "
    "rrelu rsub scaled_dot_product_attention searchsorted selu silu smooth_l1_loss "
    "soft_margin_loss softmin softplus softshrink softsign spmm sspmm stack std_mean tanhshrink "
    "tensordot threshold trapz tril_indices triplet_margin_loss triu_indices upsample "
    "upsample_bilinear upsample_nearest var_mean vector_norm view_as_complex view_as_real "
    "vstack".split()
)
#: What is known as a method or a function, and is not in ``torch``.
NOT_IN_TORCH: Final = frozenset(
    "adaptive_avg_pool2d adaptive_avg_pool3d adaptive_max_pool2d adaptive_max_pool3d avg_pool2d "
    "avg_pool3d binary_cross_entropy byte cauchy char coalesce contiguous copy cross_entropy "
    "dropout1d dropout2d dropout3d elu expand expit exponential fill_diagonal fold "
    "gaussian_nll_loss gelu geometric glu gumbel_softmax hardsigmoid hardswish hardtanh "
    "huber_loss interpolate l1_loss leaky_relu log_normal logsigmoid lp_pool1d lp_pool2d "
    "lp_pool3d max_unpool1d max_unpool2d max_unpool3d mish mse_loss multi_margin_loss "
    "multilabel_margin_loss multilabel_soft_margin_loss nll_loss normalize one_hot pad "
    "pin_memory relu6 repeat scaled_dot_product_attention silu smooth_l1_loss soft_margin_loss "
    "softmin softplus softsign sspmm tanhshrink to to_dense to_sparse type type_as unfold "
    "uniform upsample upsample_bilinear upsample_nearest view".split()
)
#: What is known as a method or a function, and is not in ``torch.nn.functional``.
NOT_IN_FUNCTIONAL: Final = frozenset(
    "abs acos add amax amin arccosh arcsinh arctanh argmax argmin argsort asarray asin atan "
    "bernoulli bfloat16 bitwise_not bmm bool byte cat cauchy ceil char chunk clamp clamp_max "
    "clamp_min clip clone coalesce concat concatenate contiguous copy cos cosh cpu cuda cumprod "
    "cumsum detach diagonal div divide dsmm einsum eq erf erfc erfinv exp expand expit expm1 "
    "exponential fill fill_diagonal fix flatten flip floor frac gather ge geometric greater "
    "greater_equal gt hspmm i0 index_select isclose isfinite isinf isnan le lerp less "
    "less_equal log log10 log1p log2 log_normal logcumsumexp logical_and logical_not logical_or "
    "logical_xor logsumexp lt masked_fill matmul max maximum mean min minimum mm moveaxis "
    "movedim mul multiply nan_to_num narrow ne neg negative norm normal not_equal permute "
    "pin_memory poisson positive pow prod random reciprocal repeat repeat_interleave reshape "
    "roll round rsqrt select short sign sin sinh smm sort split split_with_sizes spmm sqrt "
    "square squeeze sspmm stack std sub subtract sum swapaxes swapdims tan tile to to_dense "
    "to_sparse topk transpose tril triu true_divide trunc type type_as unbind unflatten uniform "
    "unsafe_chunk unsafe_split unsqueeze var view where zero".split()
)

#: What layers have beside their arguments, each all of it or a part.
OF_LAYERS: Final = frozenset(
    "T_destination add_module all_weights append apply bfloat16 bias_hh bias_hh_l0 bias_ih "
    "bias_ih_l0 bias_k bias_v buffers call_super_init check_forward_args check_hidden_size "
    "check_input children clear cls_to_become compile convert_sync_batchnorm copy cpu cuda double "
    "dump_patches eval extend extra_repr flatten_parameters float forward from_pretrained "
    "fromkeys get get_buffer get_expected_cell_size get_expected_hidden_size get_extra_state "
    "get_parameter get_submodule half has_uninitialized_params head head_bias head_dim head_size "
    "in_proj_bias in_proj_weight initialize_parameters insert ipu items k_proj_weight keys "
    "load_state_dict log_prob merge_masks modules mtia n_clusters name named_buffers "
    "named_children named_modules named_parameters nonlinearity num_batches_tracked out_proj "
    "output_padding parameters parametrizations permute_hidden pop popitem q_proj_weight "
    "register_backward_hook "
    "register_buffer register_forward_hook register_forward_pre_hook register_full_backward_hook "
    "register_full_backward_pre_hook register_load_state_dict_post_hook "
    "register_load_state_dict_pre_hook register_module register_parameter "
    "register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ reset_parameters "
    "reset_running_stats running_mean running_var set_extra_state set_submodule setdefault "
    "share_memory state_dict to to_empty train training transposed type update v_proj_weight "
    "value values weight weight_hh weight_hh_l0 weight_ih weight_ih_l0 xpu zero_grad".split()
)
