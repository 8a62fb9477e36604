#include <leat/connectors/refusal_log.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cctype>
#include <optional>

namespace leat {

namespace {

constexpr std::size_t longest_reason = 500; // bytes; a user's own reader may quote what it likes

/// The reason without the values that are quoted in it, and with every number as `#`.
std::string kind_of(std::string_view reason) {
  std::string kind;
  bool quoted = false;
  for (const char c : reason) {
    if (c == '"')
      quoted = !quoted;
    else if (quoted)
      continue;
    else if (std::isdigit(static_cast<unsigned char>(c)) == 0)
      kind.push_back(c);
    else if (!kind.ends_with('#'))
      kind.push_back('#');
  }
  return kind;
}

/// "clicks/3 at offset 17", as far as it is known.
std::string place_of(const dead_letter* of) {
  if (!of || of->offset < 0)
    return "a record";
  return fmt::format(
    "the record at offset {} of {}", of->offset,
    of->partition < 0 ? of->topic : fmt::format("{}/{}", of->topic, of->partition));
}

} // namespace

refusal_log::~refusal_log() {
  if (const auto rest = limit_.held_back(); rest > 0)
    spdlog::warn("{} has refused {} more record{} since, for the reasons above", who_, rest, rest == 1 ? "" : "s");
}

void refusal_log::add(const dead_letter& refused, bool kept, clock::time_point now) {
  log(&refused, refused.reason, kept, now);
}

void refusal_log::add(std::string_view reason, bool kept, clock::time_point now) { log(nullptr, reason, kept, now); }

void refusal_log::log(const dead_letter* of, std::string_view reason, bool kept, clock::time_point now) {
  std::optional<std::uint64_t> others;
  {
    const std::lock_guard lock{m_};
    others = limit_.pass(kind_of(reason), now);
  }
  if (!others)
    return;
  spdlog::warn(
    "{} refuses {}{}: {}{}; {}", who_, place_of(of), *others == 0 ? "" : fmt::format(" (and {} like it before)", *others),
    reason.substr(0, longest_reason), reason.size() > longest_reason ? "…" : "",
    kept ? "it goes to the dead letters" : "it is dropped and counted in dead_letters");
}

} // namespace leat
