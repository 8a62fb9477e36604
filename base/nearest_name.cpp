#include <leat/base/nearest_name.hpp>

#include <algorithm>
#include <vector>

namespace leat {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

namespace {

constexpr std::size_t least_to_go_by = 3; // bytes of the last part of a name that was cut short

/// The one name that begins with `wrong` and has more only in the part in which that ends.
std::string only_completion(std::string_view wrong, std::span<const std::string> names) {
  constexpr std::string_view separators = "._- /";
  const auto part = wrong.substr(wrong.find_last_of(separators) + 1); // npos + 1 is 0
  const std::string* only = nullptr;
  for (const auto& name : names) {
    if (
      part.size() < least_to_go_by || !name.starts_with(wrong) ||
      std::string_view{name}.substr(wrong.size()).find_first_of(separators) != std::string_view::npos)
      continue;
    if (only)
      return {};
    only = &name;
  }
  return only ? *only : std::string{};
}

} // namespace

std::string nearest_name(std::string_view wrong, std::span<const std::string> names) {
  std::string nearest;
  auto least = std::min(wrong.size() / 3 + 2, wrong.size()); // beyond that, a guess confuses more than it helps
  if (wrong.size() > 100)
    return nearest;
  for (const auto& name : names) {
    const bool tail = name.size() > wrong.size() && name.ends_with(wrong) && name[name.size() - wrong.size() - 1] == '.';
    const auto distance = tail ? 1 : edit_distance(wrong, name);
    if (distance < least) {
      least = distance;
      nearest = name;
    }
  }
  return nearest.empty() ? only_completion(wrong, names) : nearest;
}

} // namespace leat
