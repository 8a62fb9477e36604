#include <leat/pipeline/testing/job_snapshot.hpp>

#include <leat/base/encoded/encoded_text.hpp>

#include <fmt/format.h>

#include <ostream>

namespace leat::testing {

namespace {

/// What there is only one of has no key, what is only known to be there no value.
std::string text_of(const saved_entry& e, const state_description& state) {
  auto text = e.state;
  if (!e.key.empty())
    text += '[' + value_text(state.key, e.key) + ']';
  if (!e.value.empty())
    text += " = " + value_text(state.value, e.value);
  return text;
}

} // namespace

std::ostream& operator<<(std::ostream& out, const job_snapshot& s) {
  const auto state_of = [&](const std::string& step, const std::string& state) {
    const auto found = s.printed.find({step, state});
    return found == s.printed.end() ? state_description{} : found->second;
  };
  out << "snapshot taken at " << format_timestamp(s.taken_at) << '\n';
  for (const auto& [source, partitions] : s.inputs)
    for (std::size_t p = 0; p < partitions.size(); ++p)
      out << fmt::format(
        "  source '{}' partition {}: watermark {}{}{}\n", source, p, format_timestamp(partitions[p].watermark),
        partitions[p].idle ? ", idle" : "", partitions[p].finished ? ", finished" : "");
  for (const auto& [uid, watermark] : s.watermarks)
    out << fmt::format("  '{}': watermark {}\n", uid, format_timestamp(watermark));
  for (const auto& [step, entries] : s.steps)
    for (const auto& e : entries)
      out << fmt::format("  step '{}' {}\n", step, text_of(e, state_of(step, e.state)));
  return out;
}

} // namespace leat::testing
