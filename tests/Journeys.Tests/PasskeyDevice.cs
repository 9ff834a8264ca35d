using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace EventFiles.Journeys.Tests;

/// <summary>
/// A browser with an authenticator that has one passkey, as the standard wants them (W3C Web Authentication, level 3), and
/// does otherwise when it is told to.
/// </summary>
internal sealed class PasskeyDevice : IDisposable
{
    private const byte Present = 1;
    private const byte Verified = 4;
    private const byte Attested = 64;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The page that asks.</summary>
    public string Origin { get; set; } = "http://localhost";

    /// <summary>The domain that the passkey is for.</summary>
    public string Domain { get; init; } = "localhost";

    /// <summary>Whether it makes sure that it is its owner.</summary>
    public bool IsVerifying { get; set; } = true;

    /// <summary>Whether the page is in a frame of another site's.</summary>
    public bool IsFramed { get; init; }

    /// <summary>How often it was used. One that does not count stays at 0.</summary>
    public uint Uses { get; set; }

    /// <summary>Whether each use counts.</summary>
    public bool IsCounting { get; init; }

    /// <summary>What it calls the passkey.</summary>
    public byte[] Credential { get; init; } = RandomNumberGenerator.GetBytes(16);

    /// <summary>Whose passkey it says that it is; as it was made for them, unless it is told otherwise.</summary>
    public string? UserHandle { get; set; }

    public string Id => Base64Url.EncodeToString(Credential);

    /// <summary>Makes the passkey.</summary>
    /// <param name="asked">The server's options.</param>
    public Made Create(JsonElement asked)
    {
        UserHandle ??= asked.GetProperty("user").GetProperty("id").GetString();
        return Create(asked.GetProperty("challenge").GetString()!);
    }

    public Made Create(string challenge) => new(Id, ClientData("webauthn.create", challenge), Base64Url.EncodeToString(Attestation()));

    /// <summary>Signs in with it.</summary>
    /// <param name="asked">The server's options.</param>
    public Shown Use(JsonElement asked) => Use(asked.GetProperty("challenge").GetString()!);

    public Shown Use(string challenge)
    {
        if (IsCounting)
            Uses++;
        var said = Says(Present);
        var client = ClientData("webauthn.get", challenge);
        byte[] signed = [.. said, .. SHA256.HashData(Base64Url.DecodeFromChars(client))];
        var signature = key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new(Id, client, Base64Url.EncodeToString(said), Base64Url.EncodeToString(signature), UserHandle ?? "");
    }

    /// <summary>The statement with the public key in it, in CBOR.</summary>
    public byte[] Attestation()
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        byte[] cose = [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32, .. point.X!, 0x22, 0x58, 32, .. point.Y!];
        byte[] said = [.. Says(Present | Attested), .. new byte[16], .. Number((ushort)Credential.Length), .. Credential, .. cose];
        return
        [
            0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8,
            0x59, .. Number((ushort)said.Length), .. said,
        ];
    }

    public void Dispose() => key.Dispose();

    private static byte[] Number(ushort number)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, number);
        return bytes;
    }

    private byte[] Says(byte flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Uses);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(Domain)), IsVerifying ? (byte)(flags | Verified) : flags, .. count];
    }

    private string ClientData(string type, string challenge) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(
        new { type, challenge, origin = Origin, crossOrigin = IsFramed }));

    /// <summary>What it says of a passkey that it has made.</summary>
    public sealed record Made(string Id, string ClientData, string Attestation)
    {
        /// <summary>As browsers write it.</summary>
        public object ToJson() => new
        {
            id = Id,
            rawId = Id,
            type = "public-key",
            clientExtensionResults = new { },
            response = new { clientDataJSON = ClientData, attestationObject = Attestation, transports = new[] { "internal" } },
        };
    }

    /// <summary>What it says with it.</summary>
    public sealed record Shown(string Id, string ClientData, string AuthenticatorData, string Signature, string UserHandle)
    {
        /// <summary>As browsers write it.</summary>
        public object ToJson() => new
        {
            id = Id,
            rawId = Id,
            type = "public-key",
            clientExtensionResults = new { appid = true },
            response = new { clientDataJSON = ClientData, authenticatorData = AuthenticatorData, signature = Signature, userHandle = UserHandle },
        };
    }
}
