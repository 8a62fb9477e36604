#include "../support/servers/tls_server.hpp"

#include <leat/connectors/http/http_client.hpp>

#include <catch2/catch.hpp>

using namespace leat;
using namespace leat::testing;
using Catch::Matchers::Contains;

TEST_CASE("a server over TLS is asked when its certificate is signed by who is trusted, and is for its name") {
  const tls_server server{"IP:127.0.0.1"};
  http_client trusting{{.ca_file = server.authority()}};
  const auto page = trusting.ask({.url = server.url()});
  CHECK(page.failure == "");
  CHECK(page.succeeded());
  CHECK_THAT(page.body, Contains("s_server"));

  http_client wary;
  const auto refused = wary.ask({.url = server.url()});
  CHECK_FALSE(refused.answered());
  CHECK_THAT(refused.failure, Contains("certificate") && Contains("name a file with the certificate of its signer"));
  CHECK(refused.body == "");
}

TEST_CASE("a certificate that is for another server is refused, whoever has signed it") {
  const tls_server server{"DNS:example.org"};
  http_client trusting{{.ca_file = server.authority()}};
  const auto refused = trusting.ask({.url = server.url()});
  CHECK_FALSE(refused.answered());
  CHECK_THAT(refused.failure, Contains("127.0.0.1") && Contains("ask for the server by a name that its certificate has"));
}

TEST_CASE("a file of trusted certificates that cannot be read is told") {
  const tls_server server{"IP:127.0.0.1"};
  http_client client{{.ca_file = server.authority() + "x"}};
  CHECK_THAT(client.ask({.url = server.url()}).failure, Contains("authority.pemx"));
}
