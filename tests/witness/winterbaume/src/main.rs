//! Puts the EC2 of the crate `winterbaume-ec2` on a loopback port, for the contract. `/reset` begins a new account.

use http::{HeaderMap, HeaderName, HeaderValue};
use tiny_http::{Header, Request, Response, Server};
use winterbaume_core::{MockRequest, MockService};
use winterbaume_ec2::Ec2Service;

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let server = Server::http("127.0.0.1:0").expect("a free port");
    println!("Running on http://{}", server.server_addr());
    let mut ec2 = Ec2Service::new();
    for mut request in server.incoming_requests() {
        if request.url() == "/reset" {
            ec2 = Ec2Service::new();
            request.respond(Response::empty(204)).ok();
            continue;
        }
        let answer = runtime.block_on(ec2.handle(read(&mut request)));
        let mut response = Response::from_data(answer.body.to_vec()).with_status_code(answer.status);
        for (name, value) in &answer.headers {
            if let Ok(header) = Header::from_bytes(name.as_str(), value.as_bytes()) {
                response.add_header(header);
            }
        }
        request.respond(response).ok();
    }
}

/// The request as winterbaume takes it: it reads the Region from the host that AWS has for it.
fn read(request: &mut Request) -> MockRequest {
    let mut body = Vec::new();
    request.as_reader().read_to_end(&mut body).ok();
    let headers = request.headers().iter().filter_map(|header| {
        let name = HeaderName::from_bytes(header.field.as_str().as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(header.value.as_str()).ok()?))
    });
    MockRequest {
        method: request.method().to_string(),
        uri: format!("https://ec2.us-east-1.amazonaws.com{}", request.url()),
        headers: headers.collect::<HeaderMap>(),
        body: body.into(),
    }
}
