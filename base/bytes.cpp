#include <leat/base/bytes.hpp>

namespace leat {

namespace {

state_error cut_short() { return state_error{"a saved value ends too early: the saved state is damaged"}; }

} // namespace

void byte_writer::unsigned_number(std::uint64_t n) {
  for (; n >= 0x80; n >>= 7)
    out_->push_back(static_cast<char>(n | 0x80));
  out_->push_back(static_cast<char>(n));
}

std::uint64_t byte_reader::unsigned_number() {
  std::uint64_t n = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(raw(1).front());
    n |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80)
      return n;
  }
  throw state_error{"a saved number is longer than 64 bits: the saved state is damaged"};
}

bool byte_reader::boolean() {
  const auto byte = static_cast<unsigned char>(raw(1).front());
  if (byte > 1)
    throw state_error{"a saved yes or no is neither: the saved state is damaged, or of another type"};
  return byte == 1;
}

std::size_t byte_reader::size() {
  const auto n = unsigned_number();
  if (n > rest_.size())
    throw cut_short();
  return static_cast<std::size_t>(n);
}

void byte_reader::expect_end() const {
  if (!rest_.empty())
    throw state_error{"a saved value is longer than its type: the saved state is damaged, or of another type"};
}

std::string_view byte_reader::raw(std::uint64_t bytes) {
  if (bytes > rest_.size())
    throw cut_short();
  const auto taken = rest_.substr(0, static_cast<std::size_t>(bytes));
  rest_.remove_prefix(taken.size());
  return taken;
}

} // namespace leat
