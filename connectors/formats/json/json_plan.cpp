#include <leat/connectors/formats/json/json_plan.hpp>

#include <algorithm>
#include <numeric>

namespace leat::json_plan {
namespace {

value_plan plan_value(const field_type& type) {
  value_plan made;
  made.type = &type;
  if (type.kind == field_kind::optional || type.kind == field_kind::list)
    made.element = std::make_unique<value_plan>(plan_value(*type.element));
  if (type.kind == field_kind::record)
    made.record = std::make_unique<record_plan>(*type.record);
  return made;
}

bool has_one_spelling(std::string_view name) noexcept {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

} // namespace

quoted_name::quoted_name(std::string_view name) {
  const auto size = name.size() + 2;
  if (size > sizeof name_ || !has_one_spelling(name))
    return;
  const auto quoted = '"' + std::string{name} + '"';
  std::memcpy(name_, quoted.data(), size);
  std::memset(mask_, 0xff, size);
}

record_plan::record_plan(const schema& record) : of{record}, by_name(of.fields().size()), seen(of.fields().size()) {
  for (const auto& f : of.fields())
    fields.emplace_back(f).value = plan_value(*f.type);
  std::iota(by_name.begin(), by_name.end(), std::size_t{0});
  std::sort(by_name.begin(), by_name.end(), [this](std::size_t a, std::size_t b) {
    return of.fields()[a].name < of.fields()[b].name;
  });
}

std::size_t record_plan::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(by_name.begin(), by_name.end(), name, [this](std::size_t place, std::string_view n) {
    return of.fields()[place].name < n;
  });
  return found != by_name.end() && of.fields()[*found].name == name ? *found : fields.size();
}

} // namespace leat::json_plan
