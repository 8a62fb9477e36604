#pragma once

#include <leat/connectors/formats/format.hpp>
#include <leat/tests/fuzz/fuzz_target.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

/// Records of one type that a format reads and writes, in slots that are used again and again, also after a refusal.
template <class T>
class round_trip {
public:
  /// @param good a record that the format takes.
  round_trip(decoder& from, encoder& to, const T& good) : decoder_{from}, encoder_{to}, good_{bytes_of(good)} {}

  /// What the bytes are as a record may be written and read again, and stays what it is. Whether they are one, and which, does
  /// not depend on those beside them, and they leave the slots usable.
  void check(std::string_view bytes) {
    const auto alone = read({bytes});
    const auto beside = read({good_, bytes, good_});
    demand(beside.front() == good_, "a good record in front of the bytes is read as it is");
    demand(beside.back() == good_, "a good record behind the bytes is read as it is");
    demand((beside.size() == 3) == (alone.size() == 1), "whether bytes are a record does not depend on their neighbours");
    if (alone.empty())
      return;
    demand(beside[1] == alone[0], "which record the bytes are does not depend on their neighbours");
    const auto again = read({alone[0]});
    demand(again.size() == 1, "what was written can be read");
    demand(again[0] == alone[0], "what was written and read is written as before");
  }

private:
  /// What the decoder makes of bytes, each record written again.
  std::vector<std::string> read(const std::vector<std::string_view>& all) {
    std::vector<raw_record> raw(all.size());
    for (std::size_t i = 0; i < all.size(); ++i)
      raw[i].payload = all[i];
    std::vector<rejection> rejected;
    const auto taken = decoder_.decode(raw, slots_.data(), sizeof(T), rejected);
    demand(taken + rejected.size() == all.size(), "each record is taken or refused");
    for (const auto& r : rejected)
      demand(!r.reason.empty() && r.index < all.size(), "a refusal has a reason and a place");
    std::vector<std::string> written;
    for (std::size_t i = 0; i < taken; ++i)
      written.push_back(bytes_of(slots_[i]));
    return written;
  }

  std::string bytes_of(const T& record) {
    encoded_records out;
    std::vector<rejection> rejected;
    encoder_.encode(&record, sizeof record, 1, out, rejected);
    demand(rejected.empty(), "what was read can be written" + (rejected.empty() ? "" : ": " + rejected.front().reason));
    return std::string{out[0]};
  }

  decoder& decoder_;
  encoder& encoder_;
  std::vector<T> slots_{3};
  const std::string good_;
};

} // namespace leat::testing
