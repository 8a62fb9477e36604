#pragma once

#include <leat/connectors/kafka/kafka_sink.hpp>

#include <charconv>
#include <concepts>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace leat {

/// Writes the Kafka keys of records of `T`: strings as they are, integers and timestamps as decimal text.
template <class T, class KeyOf>
class typed_key final : public key_extractor {
public:
  explicit typed_key(KeyOf key_of) : key_of_{std::move(key_of)} {}

  void keys(const batch_base& records, std::size_t from, encoded_records& out) const override {
    const auto all = static_cast<const batch<T>&>(records).records();
    for (std::size_t i = from; i < all.size(); ++i) {
      append(std::invoke(key_of_, all[i]), out.bytes);
      out.ends.push_back(out.bytes.size());
    }
  }

private:
  template <class Key>
  static void append(const Key& key, std::string& out) {
    if constexpr (std::convertible_to<const Key&, std::string_view>) {
      out.append(std::string_view{key});
    } else if constexpr (std::is_same_v<Key, timestamp>) {
      append(to_millis(key), out);
    } else {
      static_assert(
        std::integral<Key>,
        "key(k): k is a string, an integer or a timestamp of the record, or a function that returns one");
      char digits[24];
      out.append(digits, std::to_chars(digits, digits + sizeof digits, key).ptr);
    }
  }

  KeyOf key_of_;
};

} // namespace leat
