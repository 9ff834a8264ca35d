using EventFiles.Infrastructure.Tests.Encryption;
using EventFiles.Infrastructure.Tests.ObjectStorage;

namespace EventFiles.Infrastructure.Tests.Compression;

/// <summary>The contract of object stores, with compression and encryption before a directory.</summary>
public sealed class CompressedObjectsTests(PostgresFixture postgres, S3Fixture s3) : ObjectsContract, IAsyncLifetime
{
    private readonly string directory = Directory.CreateTempSubdirectory("compressed-").FullName;
    private string database = null!;
    private EncryptedNode node = null!;

    protected override IObjects Objects => node.Objects;

    public async ValueTask InitializeAsync()
    {
        database = await s3.RentDatabase(postgres);
        Restart();
    }

    protected override void Restart() => node = new EncryptedNode(database, directory, compresses: true);

    public async ValueTask DisposeAsync()
    {
        await node.DisposeAsync();
        s3.Return(database);
        Directory.Delete(directory, recursive: true);
    }
}
