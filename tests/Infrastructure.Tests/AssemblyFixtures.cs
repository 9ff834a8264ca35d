[assembly: AssemblyFixture(typeof(EventFiles.Infrastructure.Tests.PostgresFixture))]
