#include <leat/connectors/postgres/row_lineup.hpp>

#include <chrono>
#include <utility>

namespace leat {

row_lineup::row_lineup(parts with) : with_{std::move(with)}, refusals_{"sink", with_.step, with_.notes} {}

void row_lineup::line_up(const batch_base& in, std::size_t from) {
  encoded_.clear();
  rejected_.clear();
  rows_.clear();
  refused_.clear();
  with_.encoding->encode(in, from, encoded_, rejected_);
  with_.bytes_out->add(static_cast<std::int64_t>(encoded_.bytes.size()));
  for (std::size_t i = 0; i < encoded_.size(); ++i)
    if (!encoded_[i].empty())
      rows_.push_back(encoded_[i]);
  for (const auto& r : rejected_) {
    auto& letter = refused_.emplace_back();
    letter.reason = r.reason;
    letter.step = with_.step;
    letter.topic = layout().table;
    letter.time = std::chrono::time_point_cast<duration>(std::chrono::system_clock::now());
    json_.clear();
    json_rejected_.clear();
    with_.as_json->encode(
      static_cast<const char*>(in.data()) + (from + r.index) * in.stride(), in.stride(), 1, json_, json_rejected_);
    if (json_rejected_.empty())
      letter.payload = json_.bytes;
    refusals_.add(letter, with_.writes_letters, refusal_log::clock::now());
  }
}

} // namespace leat
