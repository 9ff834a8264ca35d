using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace EventFiles.Infrastructure.Security;

/// <summary>Seals with the keys that seal cursors.</summary>
internal sealed class Seals(IDataProtectionProvider keys) : ISeals
{
    public string Seal(string purpose, string text) => Protector(purpose).Protect(text);

    public string? Open(string purpose, string sealedText)
    {
        try
        {
            return Protector(purpose).Unprotect(sealedText);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Protector(string purpose) => keys.CreateProtector("accounts", purpose);
}
