#include <leat/connectors/files/record_buffer.hpp>

#include <algorithm>
#include <cstring>

namespace leat {

std::span<char> record_buffer::room() {
  if (next_ > 0) {
    std::memmove(bytes_.data(), bytes_.data() + next_, filled_ - next_);
    start_ += static_cast<std::int64_t>(next_);
    filled_ -= next_;
    next_ = 0;
  }
  if (bytes_.size() < filled_ + block)
    bytes_.resize(filled_ + block);
  return {bytes_.data() + filled_, block};
}

bool record_buffer::next(record& out) {
  while (next_ < filled_) {
    if (skipping_ && !skip_rest())
      return false;
    if (next_ == filled_)
      return false;
    const auto size = splitter_.next(left());
    if (size == record_splitter::unfinished) {
      if (left().size() <= longest_)
        return false;
      hand_out(left().size(), out);
      splitter_.drop_seen();
      skipping_ = true;
      return true;
    }
    hand_out(size, out);
    if (!out.bytes.empty())
      return true;
  }
  return false;
}

bool record_buffer::rest(record& out) {
  if (skipping_ || next_ == filled_)
    return false;
  hand_out(left().size(), out);
  splitter_.restart();
  return !out.bytes.empty();
}

/// @returns false when the record goes on behind what was read.
bool record_buffer::skip_rest() {
  const auto size = splitter_.next(left());
  skipping_ = size == record_splitter::unfinished;
  next_ = skipping_ ? filled_ : next_ + size;
  splitter_.drop_seen();
  return !skipping_;
}

void record_buffer::hand_out(std::size_t bytes, record& out) {
  out.bytes = without_line_break(left().substr(0, bytes));
  out.offset = position();
  out.too_long = out.bytes.size() > longest_;
  if (out.too_long)
    out.bytes = out.bytes.substr(0, longest_);
  next_ += bytes;
}

void record_buffer::restart() {
  splitter_.restart();
  next_ = filled_ = 0;
  start_ = 0;
  skipping_ = false;
}

void record_buffer::shrink() {
  if (next_ != filled_)
    return;
  start_ += static_cast<std::int64_t>(next_);
  next_ = filled_ = 0;
  bytes_ = {};
}

std::string_view without_byte_order_mark(std::string_view record) noexcept {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return record.starts_with(mark) ? record.substr(mark.size()) : record;
}

} // namespace leat
