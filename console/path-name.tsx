/** A construct path that breaks between its ids, where it does not fit in a line. */

export function PathName({ path }: { readonly path: string }) {
  const [first, ...others] = path.split('/');
  return (
    <>
      {first}
      {others.map((id, index) => [<wbr key={index} />, `/${id}`])}
    </>
  );
}
