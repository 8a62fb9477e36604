#include <leat/connectors/refusal_log.hpp>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace leat {

namespace {

constexpr std::size_t longest_reason = 500; // bytes; a user's own reader may quote what it likes

/// The reason without the values that are quoted in it, and with every number as `#`, as far as it is logged. One is made for
/// each refused record, so it allocates nothing.
class reason_kind {
public:
  explicit reason_kind(std::string_view reason) {
    bool quoted = false;
    for (const char c : reason.substr(0, longest_reason)) {
      if (c == '"')
        quoted = !quoted;
      else if (!quoted)
        add(std::isdigit(static_cast<unsigned char>(c)) != 0 ? '#' : c);
    }
  }

  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

private:
  void add(char c) noexcept {
    if (c != '#' || !text().ends_with('#'))
      text_[size_++] = c;
  }

  std::array<char, longest_reason> text_;
  std::size_t size_ = 0;
};

/// "clicks/3 at offset 17", as far as it is known.
std::string place_of(const dead_letter* of) {
  if (!of || of->offset < 0)
    return "a record";
  return fmt::format(
    "the record at offset {} of {}", of->offset,
    of->partition < 0 ? of->topic : fmt::format("{}/{}", of->topic, of->partition));
}

} // namespace

refusal_log::refusal_log(std::string_view kind, std::string step, metrics* notes)
  : step_{std::move(step)}, who_{fmt::format("{} '{}'", kind, step_)}, notes_{notes},
    reasons_{notes ? &notes->tally_of("refusals", step_) : nullptr} {}

refusal_log::~refusal_log() {
  if (const auto rest = limit_.held_back(); rest > 0)
    spdlog::warn("{} has refused {} more record{} since, for the reasons above", who_, rest, rest == 1 ? "" : "s");
}

void refusal_log::add(const dead_letter& refused, bool kept, clock::time_point now) {
  log(&refused, refused.reason, kept, now);
}

void refusal_log::add(std::string_view reason, bool kept, clock::time_point now) { log(nullptr, reason, kept, now); }

void refusal_log::log(const dead_letter* of, std::string_view reason, bool kept, clock::time_point now) {
  const reason_kind kind{reason};
  if (reasons_)
    reasons_->add(kind.text());
  std::optional<std::uint64_t> others;
  bool first = false;
  {
    const std::lock_guard lock{m_};
    others = limit_.pass(kind.text(), now);
    first = !std::exchange(noted_, true);
  }
  if (first && notes_)
    notes_->note("first_refusal", step_, reason.substr(0, longest_reason));
  if (!others)
    return;
  spdlog::warn(
    "{} refuses {}{}: {}{}; {}", who_, place_of(of), *others == 0 ? "" : fmt::format(" (and {} like it before)", *others),
    reason.substr(0, longest_reason), reason.size() > longest_reason ? "…" : "",
    kept ? "it goes to the dead letters" : "it is dropped and counted in dead_letters");
}

} // namespace leat
