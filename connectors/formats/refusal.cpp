#include <leat/connectors/formats/refusal.hpp>

#include <leat/base/excerpt.hpp>

#include <fmt/format.h>

#include <utility>

namespace leat {

bool refusal::refuse(std::string what) {
  path_.clear();
  what_ = std::move(what);
  return false;
}

bool refusal::within(std::string_view segment) {
  const bool joined = path_.empty() || path_.front() == '[';
  path_ = fmt::format("{}{}{}", segment, joined ? "" : ".", path_);
  return false;
}

std::string refusal::reason() const {
  return path_.empty() ? what_ : fmt::format("field `{}`: {}", excerpt(path_, 100), what_);
}

} // namespace leat
