#include <leat/connectors/files/record_buffer.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace leat {

std::span<char> record_buffer::room() {
  if (const auto gone = next_ - std::min(next_, excerpt); gone > 0) {
    std::memmove(bytes_.data(), bytes_.data() + gone, filled_ - gone);
    drop(gone);
  }
  if (bytes_.size() < filled_ + block)
    bytes_.resize(filled_ + block);
  return {bytes_.data() + filled_, block};
}

void record_buffer::fill(std::size_t bytes) {
  if (const auto at = static_cast<std::size_t>(end()); at < excerpt)
    head_.append(bytes_.data() + filled_, std::min(bytes, excerpt - at));
  filled_ += bytes;
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
  head_.clear();
  skipping_ = false;
}

void record_buffer::go_on(
  std::int64_t position, std::string head, std::string_view tail, std::optional<skipped_at> skipping) {
  restart();
  head_ = std::move(head);
  bytes_.assign(tail.begin(), tail.end());
  next_ = filled_ = tail.size();
  start_ = position - static_cast<std::int64_t>(tail.size());
  skipping_ = skipping.has_value();
  if (skipping)
    splitter_.go_on(*skipping);
}

void record_buffer::shrink() {
  if (next_ != filled_)
    return;
  bytes_ = {bytes_.data() + next_ - std::min(next_, excerpt), bytes_.data() + next_};
  drop(next_ - bytes_.size());
}

void record_buffer::drop(std::size_t bytes) noexcept {
  start_ += static_cast<std::int64_t>(bytes);
  filled_ -= bytes;
  next_ -= bytes;
}

std::string_view record_buffer::head() const noexcept {
  return std::string_view{head_}.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(position(), 0)));
}

std::string_view record_buffer::tail() const noexcept {
  const auto size = std::min(next_, excerpt);
  return {bytes_.data() + next_ - size, size};
}

std::string_view without_byte_order_mark(std::string_view record) noexcept {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  return record.starts_with(mark) ? record.substr(mark.size()) : record;
}

} // namespace leat
