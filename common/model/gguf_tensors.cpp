// Parsing of the tensor list, and the check that the data lie where it says.
#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "common/model/gguf_parser.h"
#include "common/model/gguf_types.h"

namespace model {

namespace {

constexpr uint64_t kMaxTensorNameBytes = 63;
constexpr uint64_t kMaxSigned = std::numeric_limits<int64_t>::max();

// Rounds up to a multiple of `alignment`; false when that does not fit in 63 bits.
bool align_up(uint64_t value, uint64_t alignment, uint64_t* aligned) {
  if (value > kMaxSigned - (alignment - 1)) return false;
  *aligned = (value + alignment - 1) / alignment * alignment;
  return true;
}

}  // namespace

void GgufParser::parse_tensor(uint64_t index) {
  std::string field = "tensor " + std::to_string(index);
  GgufTensor tensor;
  tensor.name = reader_.string(field + " name", kMaxTensorNameBytes);
  if (tensor.name.empty()) throw reader_.error(field + " name", "no bytes", "1 to 63 bytes");
  field = "tensor " + quoted(tensor.name);
  read_dims(tensor, field);
  uint32_t type = reader_.u32(field + " type");
  if (!is_supported(type)) {
    throw reader_.error(field + " type",
                        std::to_string(type) + " (" + raw_tensor_type_name(type) + ")",
                        "F32, F16, BF16, Q8_0, Q4_0 or Q4_1");
  }
  tensor.type = static_cast<TensorType>(type);
  uint64_t block = block_values(tensor.type);
  if (tensor.dims[0] % block != 0) {
    throw reader_.error(
        field + " row length", std::to_string(tensor.dims[0]),
        "a multiple of " + std::to_string(block) + " for " + tensor_type_name(tensor.type));
  }
  uint64_t blocks = tensor.count() / block;
  if (!checked_multiply(blocks, block_bytes(tensor.type), &tensor.bytes) ||
      tensor.bytes > kMaxSigned) {
    throw reader_.error(field + " size", std::to_string(blocks) + " blocks",
                        "a byte size below 2^63");
  }
  tensor.offset = reader_.u64(field + " offset");  // place_tensors() adds where the data starts
  file_.tensors_.push_back(std::move(tensor));
}

void GgufParser::read_dims(GgufTensor& tensor, const std::string& field) {
  uint32_t n_dims = reader_.u32(field + " n_dims");
  if (n_dims < 1 || n_dims > 4) {
    throw reader_.error(field + " n_dims", std::to_string(n_dims), "1 to 4");
  }
  uint64_t count = 1;
  for (uint32_t d = 0; d < n_dims; ++d) {
    uint64_t dim = reader_.u64(field + " dimension " + std::to_string(d));
    if (dim == 0 || dim > kMaxSigned) {
      throw reader_.error(field + " dimension " + std::to_string(d), std::to_string(dim),
                          "1 to 2^63-1");
    }
    if (!checked_multiply(count, dim, &count) || count > kMaxSigned) {
      throw reader_.error(field + " dimension " + std::to_string(d), std::to_string(dim),
                          "a product of all dimensions below 2^63");
    }
    tensor.dims.push_back(dim);
  }
}

void GgufParser::sort_tensors() {
  const auto& tensors = file_.tensors_;
  auto& order = file_.tensors_by_name_;
  order.resize(tensors.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](uint32_t a, uint32_t b) { return tensors[a].name < tensors[b].name; });
  for (size_t i = 1; i < order.size(); ++i) {
    if (tensors[order[i]].name == tensors[order[i - 1]].name) {
      throw reader_.error("tensor " + quoted(tensors[order[i]].name), "it twice",
                          "each tensor once");
    }
  }
}

// The tensors' data must follow one another in the order of the list, each padded to the
// alignment: so no two overlap, none wraps, and nothing is hidden between them.
void GgufParser::place_tensors() {
  if (file_.tensors_.empty()) return;
  uint64_t data_start;
  if (!align_up(reader_.position(), alignment_, &data_start)) {
    throw reader_.error("general.alignment", std::to_string(alignment_), "a smaller one");
  }
  uint64_t end = 0;  // of the data so far, from data_start
  for (GgufTensor& tensor : file_.tensors_) {
    std::string field = "tensor " + quoted(tensor.name);
    if (tensor.offset != end) {
      const char* fault = tensor.offset % alignment_ != 0 ? " (misaligned)"
                          : tensor.offset < end           ? " (overlaps another tensor)"
                                                          : " (leaves a gap)";
      throw reader_.error(field + " offset", std::to_string(tensor.offset) + fault,
                          std::to_string(end));
    }
    uint64_t padded;
    bool fits = align_up(tensor.bytes, alignment_, &padded) && padded <= kMaxSigned - end &&
                data_start <= size_ && padded + end <= size_ - data_start;
    if (!fits) {
      throw reader_.error(field + " data", "a file of " + std::to_string(size_) + " bytes",
                          std::to_string(tensor.bytes) + " bytes of data, padded to " +
                              std::to_string(alignment_) + ", from byte " +
                              std::to_string(data_start) + " + " + std::to_string(end));
    }
    tensor.offset = data_start + end;
    end += padded;
  }
}

}  // namespace model
