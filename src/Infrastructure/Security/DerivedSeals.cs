using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace EventFiles.Infrastructure.Security;

/// <summary>
/// The keys that seal what clients carry for us (cursors), made of the secrets that nodes share. They never expire and
/// are never replaced: whoever wants others changes the secret.
/// </summary>
internal sealed class DerivedSeals(IReadOnlyList<SharedSecret> secrets) : IXmlRepository
{
    // The youngest that is valid seals, all of them open.
    private static readonly DateTimeOffset FirstDay = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LastDay = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. secrets.Select((secret, n) => Key(secret, FirstDay.AddDays(secrets.Count - n)))];

    public void StoreElement(XElement element, string friendlyName) =>
        throw new InvalidOperationException("Keys follow from the shared secret; there is nothing to store.");

    // As the platform writes a key that it has made itself.
    private static XElement Key(SharedSecret secret, DateTimeOffset day)
    {
        var descriptor = new AuthenticatedEncryptorDescriptor(
            new AuthenticatedEncryptorConfiguration(), new Secret(secret.Derive("seals: master key", 64))).ExportToXml();
        return new XElement(
            "key",
            new XAttribute("id", new Guid(secret.Derive("seals: name", 16))),
            new XAttribute("version", 1),
            new XElement("creationDate", day),
            new XElement("activationDate", day),
            new XElement("expirationDate", LastDay),
            new XElement(
                "descriptor",
                new XAttribute("deserializerType", descriptor.DeserializerType.AssemblyQualifiedName!),
                descriptor.SerializedDescriptorElement));
    }
}
