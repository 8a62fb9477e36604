#pragma once

#include <leat/messages/batch.hpp>
#include <leat/messages/signal.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace leat::testing {

/// What has travelled, as text: one entry per record ("7@1200") or signal ("watermark 1200"), in order. A failed
/// comparison then shows the whole story.
using story = std::vector<std::string>;

inline std::string to_text(timestamp t) {
  if (t == min_timestamp)
    return "-inf";
  return t == max_timestamp ? "+inf" : std::to_string(to_millis(t));
}

inline std::string to_text(const signal& s) {
  switch (s.kind) {
  case signal_kind::watermark:
    return "watermark " + to_text(s.time);
  case signal_kind::barrier:
    return "barrier " + std::to_string(s.epoch) + (s.time == min_timestamp ? "" : " settles at " + to_text(s.time));
  case signal_kind::idle:
    return "idle";
  case signal_kind::end:
    return "end";
  }
  return "?";
}

inline std::string to_text(std::int64_t n) { return std::to_string(n); }
inline std::string to_text(const std::string& s) { return s; }

/// The watermark at `millis`.
inline signal watermark(std::int64_t millis) { return signal::watermark(from_millis(millis)); }

/// A batch of `records`, each with its event time in milliseconds.
template <class T>
boost::intrusive_ptr<batch<T>> batch_of(const std::vector<std::pair<T, std::int64_t>>& records) {
  auto made = batch<T>::fresh();
  for (const auto& [record, time] : records)
    made->push(record, from_millis(time));
  return made;
}

/// Appends the records of `in` to `told`.
template <class T>
void tell(story& told, batch_base& in) {
  auto& typed = batch<T>::of(in);
  for (std::size_t i = 0; i < typed.size(); ++i)
    told.push_back(to_text(typed.records()[i]) + '@' + to_text(typed.timestamps()[i]));
}

} // namespace leat::testing
