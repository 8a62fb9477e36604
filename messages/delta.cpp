#include <leat/messages/delta.hpp>

#include <leat/base/key_group.hpp>

#include <algorithm>
#include <utility>

namespace leat {

std::uint16_t stored_group(state_owner owner, std::uint64_t hash, std::uint32_t max_parallelism) noexcept {
  if (owner == state_owner::key)
    return static_cast<std::uint16_t>(key_group_of(hash, max_parallelism));
  return owner == state_owner::all ? group_of_all : group_of_anyone;
}

delta_writer::delta_writer(std::string step, std::uint16_t group, bool replaces)
  : made_{std::move(step), group, replaces, {}, {}, {}} {}

void delta_writer::put(std::string_view state, std::string_view key, std::string_view value) {
  head(state, false);
  byte_writer out{made_.bytes};
  out.text(key);
  out.text(value);
}

void delta_writer::remove(std::string_view state, std::string_view key) {
  head(state, true);
  byte_writer{made_.bytes}.text(key);
}

delta delta_writer::take_with(std::string_view state, std::string_view key, std::shared_ptr<const std::string> value) {
  head(state, false);
  byte_writer out{made_.bytes};
  out.text(key);
  out.unsigned_number(value->size());
  made_.tail = std::move(value);
  return take();
}

bool delta_writer::full() const noexcept { return made_.bytes.size() >= delta_bytes; }

delta delta_writer::take() {
  delta empty{made_.step, made_.group, made_.replaces, {}, {}, {}};
  return std::exchange(made_, std::move(empty));
}

void delta_writer::head(std::string_view state, bool removed) {
  const auto known = std::find(made_.states.begin(), made_.states.end(), state);
  const auto index = static_cast<std::uint64_t>(known - made_.states.begin());
  byte_writer out{made_.bytes};
  out.unsigned_number(index << 1 | (removed ? 1 : 0));
  if (known == made_.states.end()) {
    made_.states.emplace_back(state);
    out.text(state);
  }
}

delta_reader::delta_reader(std::string_view bytes) noexcept : size_{bytes.size()}, in_{bytes} {}

delta_reader::delta_reader(const delta& of) noexcept : size_{of.bytes.size()}, in_{of.bytes}, tail_{of.tail.get()} {}

std::optional<delta_entry> delta_reader::next() {
  if (in_.empty())
    return std::nullopt;
  const auto head = in_.unsigned_number();
  const auto index = head >> 1;
  if (index > states_.size())
    throw state_error{"a delta of the checkpoint names a state that it has not introduced"};
  if (index == states_.size())
    states_.push_back(in_.text());
  delta_entry entry{static_cast<std::uint32_t>(index), {}, std::nullopt, size_ - in_.rest().size()};
  entry.key = in_.text();
  if ((head & 1) != 0)
    return entry;
  if (tail_ != nullptr)
    if (auto ahead = in_; ahead.unsigned_number() == tail_->size() && ahead.empty()) { // only its size stands here
      in_ = ahead;
      entry.value = *tail_;
      return entry;
    }
  entry.value = in_.text();
  return entry;
}

} // namespace leat
