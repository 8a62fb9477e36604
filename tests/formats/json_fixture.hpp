#pragma once

#include <leat/base/schema.hpp>
#include <leat/connectors/formats/json.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::testing {

/// What came of decoding one document.
template <class T>
struct decoding {
  std::optional<T> record;
  std::string reason; ///< empty when there is a record

  bool operator==(const decoding&) const = default;
};

/// Decodes `documents` in one call.
template <class T>
std::vector<decoding<T>> decode_all(decoder& with, const std::vector<std::string_view>& documents) {
  std::vector<raw_record> raw(documents.size());
  for (std::size_t i = 0; i < raw.size(); ++i)
    raw[i].payload = documents[i];
  std::vector<T> slots(documents.size());
  std::vector<rejection> rejected;
  const auto filled = with.decode(raw, slots.data(), sizeof(T), rejected);
  REQUIRE(filled + rejected.size() == documents.size());
  std::vector<decoding<T>> all(documents.size());
  std::size_t slot = 0;
  auto refusal = rejected.begin();
  for (std::size_t i = 0; i < all.size(); ++i)
    if (refusal != rejected.end() && refusal->index == i)
      all[i].reason = refusal++->reason;
    else
      all[i].record = slots.at(slot++);
  return all;
}

/// Decodes a document alone and beside others that try to reach into it, and demands one result on all these ways.
template <class T>
decoding<T> decode(std::string_view document) {
  const auto decoder = json.make_decoder(schema_of<T>());
  auto alone = decode_all<T>(*decoder, {document}).front();
  for (const std::string_view before : {"{}", " ", "{\"a\":[", "\"", "\xe2\x82"})
    for (const std::string_view behind : {"{}", "}", "]}", ",\"more\":1}", ":1}", "\"", "\\", "\x82\xac"}) {
      INFO("in front: " << before << "   behind: " << behind);
      CHECK(decode_all<T>(*decoder, {before, document, behind}).at(1) == alone);
    }
  return alone;
}

/// The record of a document that must be accepted.
template <class T>
T accepted(std::string_view document) {
  const auto result = decode<T>(document);
  CHECK(result.reason == "");
  return result.record.value();
}

/// Why a document that must be refused is refused.
template <class T>
std::string refused(std::string_view document) {
  const auto result = decode<T>(document);
  CHECK_FALSE(result.record.has_value());
  CHECK(result.reason.size() <= 400);
  return result.reason;
}

/// A record as JSON; it must have a form.
template <class T>
std::string in_json(const T& record) {
  encoded_records out;
  std::vector<rejection> rejected;
  json.make_encoder(schema_of<T>())->encode(&record, sizeof record, 1, out, rejected);
  for (const auto& r : rejected)
    FAIL(r.reason);
  return std::string{out[0]};
}

/// Why a record has no form in JSON.
template <class T>
std::string not_encoded(const T& record) {
  encoded_records out;
  std::vector<rejection> rejected;
  json.make_encoder(schema_of<T>())->encode(&record, sizeof record, 1, out, rejected);
  REQUIRE(rejected.size() == 1);
  CHECK(out[0] == "");
  return rejected[0].reason;
}

} // namespace leat::testing
