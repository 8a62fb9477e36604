#pragma once

#include <leat/base/encoded/encoded_type.hpp>
#include <leat/base/time.hpp>
#include <leat/messages/dead_letter.hpp>
#include <leat/messages/origins.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// Makes dead letters of the records that one step refuses, counts them and tells the log.
///
/// Belongs to one step of one actor.
class letter_maker {
public:
  virtual ~letter_maker() = default;

  /// @param why for a person: what is wrong, then what has led to it, the nearest cause first; at least the one.
  /// @param from what the record was made of, which is what the letter holds.
  [[nodiscard]] virtual dead_letter make(std::vector<std::string> why, const origin& from) = 0;

  /// The same when that is not known: the letter holds the record.
  /// @param time the record's event time.
  /// @param type what `bytes` are; null: the record has no form that could be shown.
  /// @param bytes the record, encoded.
  [[nodiscard]] virtual dead_letter
  make(std::vector<std::string> why, timestamp time, const encoded_type* type, std::string_view bytes) = 0;

  /// The step looks at so many records more: what the letters are measured against.
  virtual void on_records(std::size_t count) = 0;
};

} // namespace leat
