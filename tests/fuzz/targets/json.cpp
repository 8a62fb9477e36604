#include <leat/connectors/formats/json.hpp>
#include <leat/tests/fuzz/targets/good_records.hpp>
#include <leat/tests/fuzz/targets/round_trip.hpp>
#include <leat/tests/fuzz/targets/targets.hpp>

namespace leat::testing {

void fuzz_json(std::string_view document) {
  static const auto order_decoder = json.make_decoder(schema_of<order>());
  static const auto order_encoder = json.make_encoder(schema_of<order>());
  static round_trip<order> orders{*order_decoder, *order_encoder, good_order()};
  orders.check(document);

  static const auto parcel_decoder = json.make_decoder(schema_of<parcel>());
  static const auto parcel_encoder = json.make_encoder(schema_of<parcel>());
  static round_trip<parcel> parcels{*parcel_decoder, *parcel_encoder, good_parcel()};
  parcels.check(document);
}

} // namespace leat::testing
