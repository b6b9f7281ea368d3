//! `#[derive(Describe)]`: a struct's name and fields as text. Runs inside the compiler, on the build host.
use proc_macro::TokenStream;
use quote::quote;
use syn::{parse_macro_input, Data, DeriveInput};

#[proc_macro_derive(Describe)]
pub fn describe(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    let Data::Struct(data) = &input.data else { panic!("a struct is needed") };
    let (name, fields) = (&input.ident, data.fields.iter().filter_map(|field| field.ident.as_ref()));
    let text = format!("{name}: {}", fields.map(ToString::to_string).collect::<Vec<_>>().join(", "));
    quote!(impl #name { pub const DESCRIPTION: &'static str = #text; }).into()
}
