import { childNamed, childrenNamed, isTrue, type XmlElement, xml } from './xml.js';

/** `autopk="true"` adds the attribute `id` and the internal key `id` before all others. */
export function withPrimaryKey(root: XmlElement): XmlElement {
  if (!isTrue(root.attributes.autopk)) return root;
  const key = xml('key', { name: 'id', internal: 'true' }, [xml('keyfield', { xpath: '@id' })]);
  const index = xml('dbindex', { name: 'id', unique: 'true' }, [xml('keyfield', { xpath: '@id' })]);
  const declared = root.children.some((child) => child.name === 'attribute' && child.attributes.name === 'id');
  const id = xml('attribute', { name: 'id', type: 'long', label: 'Primary key', desc: 'Internal primary key' });
  const added = declared ? [key, index] : [key, index, id];
  const kept = root.children.filter((child) => !(child.name === 'key' && child.attributes.name === 'id'));
  return {
    ...root,
    attributes: { ...root.attributes, pkSequence: root.attributes.pkSequence ?? 'XtkNewId' },
    children: [...added, ...kept],
  };
}

/** Keys have a unique index and foreign keys one that is not, unless `noDbIndex` says otherwise; a key over a link has its foreign keys. */
export function withIndexes(root: XmlElement): XmlElement {
  const children = root.children.map((child) => {
    const holdsFields = child.name === 'key' || child.name === 'dbindex';
    return holdsFields ? { ...child, children: child.children.flatMap((field) => resolveField(field, root)) } : child;
  });
  const known = new Set(children.filter((child) => child.name === 'dbindex').map((child) => child.attributes.name));
  const wanted = [...children.flatMap(keyIndex), ...children.flatMap(linkIndexes)];
  const added = wanted.filter(({ attributes }) => !known.has(attributes.name));
  const isAfter = (child: XmlElement) => child.name !== 'key' && child.name !== 'dbindex';
  const at = children.findIndex(isAfter);
  const place = at < 0 ? children.length : at;
  return { ...root, children: [...children.slice(0, place), ...added, ...children.slice(place)] };
}

function resolveField(field: XmlElement, root: XmlElement): readonly XmlElement[] {
  const { xlink } = field.attributes;
  if (field.name !== 'keyfield' || xlink === undefined) return [field];
  const link = childrenNamed(root, 'element').find((child) => child.attributes.name === xlink);
  const joins = link && link.attributes.type === 'link' ? childrenNamed(link, 'join') : [];
  // A link that is not there is found missing when the schema is checked.
  if (joins.length === 0) return [xml('keyfield', { xpath: `@${xlink}-id` })];
  return joins.map(({ attributes }) => xml('keyfield', { xpath: attributes['xpath-src'] }));
}

function keyIndex(node: XmlElement): readonly XmlElement[] {
  if (node.name !== 'key' || isTrue(node.attributes.noDbIndex)) return [];
  return [xml('dbindex', { name: node.attributes.name, unique: 'true' }, childrenNamed(node, 'keyfield'))];
}

/** `folderId` for the foreign key `@folder-id` of the link `folder`; a join of its own is over fields that are no foreign keys. */
function linkIndexes(link: XmlElement): readonly XmlElement[] {
  const { name = '', type, unbound, noDbIndex } = link.attributes;
  if (type !== 'link' || isTrue(unbound) || isTrue(noDbIndex)) return [];
  const fields = childrenNamed(link, 'join').map(({ attributes }) => attributes['xpath-src'] ?? '');
  const own = fields.filter((field) => field.startsWith(`@${name}-`));
  return own.map((xpath) => {
    const [first = '', ...words] = xpath.slice(1).split('-');
    const camel = [first, ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join('');
    return xml('dbindex', { name: camel }, [xml('keyfield', { xpath })]);
  });
}

/** Without a compute-string rows go by the name of their primary key. */
export function withDisplayName(root: XmlElement): XmlElement {
  const keys = childrenNamed(root, 'key');
  const key = keys.find((candidate) => isTrue(candidate.attributes.internal)) ?? keys[0];
  const fields = key ? childrenNamed(key, 'keyfield').map(({ attributes }) => attributes.xpath ?? '') : [];
  if (childNamed(root, 'compute-string') || fields.length === 0) return root;
  const expr = fields.map((field) => `ToString(${/[-/]/.test(field) ? `[${field}]` : field})`).join(" + ',' + ");
  return { ...root, children: [xml('compute-string', { expr }), ...root.children] };
}
