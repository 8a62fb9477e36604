#include <leat/apps/leat/dlq/replayed_offsets.hpp>

#include <leat/base/error.hpp>
#include <leat/base/excerpt.hpp>
#include <leat/connectors/kafka/wire/replay_metadata.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace leat::cli {

namespace {

namespace wire = replay_metadata;

/// Takes a number off the front of `from`. @returns whether there was one.
bool take_number(std::string_view& from, std::int64_t& to) {
  const auto [end, failed] = std::from_chars(from.data(), from.data() + from.size(), to);
  if (failed != std::errc{} || to < 0)
    return false;
  from.remove_prefix(static_cast<std::size_t>(end - from.data()));
  return true;
}

bool take_sign(std::string_view& from, char sign) {
  const bool there = from.starts_with(sign);
  from.remove_prefix(there ? 1 : 0);
  return there;
}

} // namespace

replayed_offsets::replayed_offsets(std::int64_t next, std::string_view metadata) : next_{next} {
  auto rest = metadata;
  bool good = rest.empty() || rest.starts_with(wire::prefix);
  rest.remove_prefix(std::min(rest.size(), wire::prefix.size()));
  while (good && !rest.empty()) {
    std::int64_t first = 0;
    good = take_number(rest, first);
    auto last = first;
    if (good && take_sign(rest, wire::within_range))
      good = take_number(rest, last);
    good = good && first > next_ && last >= first && (ranges_.empty() || first > ranges_.rbegin()->second + 1) &&
           (rest.empty() || (take_sign(rest, wire::between_ranges) && !rest.empty()));
    ranges_.emplace(first, last);
  }
  if (!good)
    throw state_error{
      fmt::format("'{}' is not what `leat dlq replay` stores: take another group (--group)", excerpt(metadata, 60))};
}

void replayed_offsets::add(std::int64_t offset) {
  if (contains(offset))
    return;
  auto behind = ranges_.lower_bound(offset);
  auto last = offset;
  if (behind != ranges_.end() && behind->first == offset + 1) {
    last = behind->second;
    behind = ranges_.erase(behind);
  }
  if (behind != ranges_.begin() && std::prev(behind)->second == offset - 1)
    std::prev(behind)->second = last;
  else
    ranges_.emplace(offset, last);
  absorb();
}

void replayed_offsets::skip_to(std::int64_t begin) {
  next_ = std::max(next_, begin);
  while (!ranges_.empty() && ranges_.begin()->second < next_)
    ranges_.erase(ranges_.begin());
  absorb();
}

/// Ranges that begin where all before was sent are part of that.
void replayed_offsets::absorb() {
  while (!ranges_.empty() && ranges_.begin()->first <= next_) {
    next_ = std::max(next_, ranges_.begin()->second + 1);
    ranges_.erase(ranges_.begin());
  }
}

bool replayed_offsets::contains(std::int64_t offset) const {
  if (offset < next_)
    return true;
  const auto behind = ranges_.upper_bound(offset);
  return behind != ranges_.begin() && std::prev(behind)->second >= offset;
}

std::string replayed_offsets::metadata() const {
  if (ranges_.empty())
    return {};
  std::string text{wire::prefix};
  for (const auto& [first, last] : ranges_) {
    if (text.size() > wire::prefix.size())
      text += wire::between_ranges;
    text += std::to_string(first);
    if (last > first)
      text += wire::within_range + std::to_string(last);
  }
  return text;
}

} // namespace leat::cli
