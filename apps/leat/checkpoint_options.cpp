#include <leat/apps/leat/checkpoint_options.hpp>

#include <leat/apps/leat/leat_command.hpp>
#include <leat/base/time.hpp>

namespace leat::cli {

std::chrono::milliseconds max_age_of(const invocation& i) {
  const auto age = i.value<duration>(max_age_option).value_or(default_reading_time);
  if (age <= duration::zero())
    throw config_error{fmt::format("{}: {} is no time to read anything in", max_age_option.name, *i.text(max_age_option))};
  return age;
}

checkpoint_place place_of(const invocation& i) {
  return find_checkpoint(i.words[0], i.value<std::uint64_t>(checkpoint_option));
}

checkpoint_view view_of(const invocation& i) { return place_of(i).open(max_age_of(i)); }

} // namespace leat::cli
