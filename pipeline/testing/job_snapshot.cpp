#include <leat/pipeline/testing/job_snapshot.hpp>

#include <fmt/format.h>

#include <ostream>
#include <string_view>

namespace leat::testing {

namespace {

std::string printable(std::string_view bytes) {
  std::string text;
  for (const auto c : bytes)
    if (c >= ' ' && c <= '~' && c != '\\')
      text += c;
    else
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return text;
}

} // namespace

std::ostream& operator<<(std::ostream& out, const job_snapshot& s) {
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
      out << fmt::format("  step '{}' {}[{}] = {}\n", step, e.state, printable(e.key), printable(e.value));
  return out;
}

} // namespace leat::testing
